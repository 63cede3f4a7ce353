/** Versions as the user asked for them; every field already checked for form, none yet for existence. */
export interface ToolchainRequest {
  /** `1.26`, `1.17.13`, `stable` or `oldstable` */
  readonly go: string
  /** `2.31`; undefined: that of Debian stable */
  readonly glibc: string | undefined
  /** `10`, or `default`: the base's own */
  readonly gcc: string
  readonly libgcc: 'shared' | 'static'
  /** Overrides what the versions resolve to, e.g. `debian:bullseye` */
  readonly baseImage: string | undefined
  /** As in action.yml: a name, `name@version`, `module@version`, a path, or `none`; empty: what the program imports itself */
  readonly symbolizer: string
  /** Folder of a Go main package of the user's own; undefined: the built-in program */
  readonly program?: string | undefined
  /** Debian packages that it needs, each with `=version` if wanted */
  readonly packages?: readonly string[]
}

/** A program of the user's own, built in place of the built-in one. */
export interface ProgramPlan {
  /** Absolute folder of its module, links resolved */
  readonly module: string
  /** Its package within that, e.g. `./cmd/server` */
  readonly package: string
  readonly packages: readonly string[]
}

/** Which symbolizer is linked into the program. */
export type SymbolizerPlan =
  | { readonly kind: 'none' }
  /** Whatever a program of the user's own imports itself, or nothing */
  | { readonly kind: 'own' }
  | {
      readonly kind: 'module'
      /** Where the source comes from, e.g. `github.com/milvus-io/cgosymbolizer` */
      readonly module: string
      /** A Go module version or query: `v0.0.0-…`, `latest`, a commit */
      readonly version: string
      /** The package to import for its side effect; undefined: the module's root, under the path its own go.mod gives */
      readonly importPath: string | undefined
    }
  | {
      readonly kind: 'local'
      /** Absolute folder of a checked-out module */
      readonly directory: string
    }

/** One resolved toolchain: everything that the image build needs. */
export interface ToolchainPlan {
  /** Exact Go release without prefix, e.g. `1.17.13` */
  readonly go: string
  /** Base image, without registry prefix, e.g. `debian:bullseye` */
  readonly baseImage: string
  /** Debian suite behind the base if it is known, for bootstrapping, e.g. `bullseye` */
  readonly suite: string | undefined
  /** gcc major whose packages are installed, or `default` */
  readonly gcc: string
  readonly libgcc: 'shared' | 'static'
  readonly symbolizer: SymbolizerPlan
  /** Undefined: the built-in program */
  readonly program?: ProgramPlan | undefined
  /** What the catalog expects of the base, checked against what was built; undefined where it does not know */
  readonly expected: { readonly glibc: string | undefined; readonly gcc: string | undefined }
  /** What was asked, for messages and the result */
  readonly asked: ToolchainRequest
}

/** What was really built, read from the image and the binary. Every string is as the tool printed it. */
export interface BuiltToolchain {
  readonly go: string | null
  readonly glibc: string | null
  /** The compiler that compiled the C++ side */
  readonly gcc: string | null
  /** The unwinder that really unwinds */
  readonly unwinder: {
    readonly linkage: 'shared' | 'static' | 'unknown'
    /** Package version, e.g. `10.2.1-6`; for a static one that of the compiler */
    readonly version: string | null
    /** How it finds frames: the imports of libgcc_s (or of the binary, if linked in) */
    readonly lookup: '_dl_find_object' | 'dl_iterate_phdr' | 'unknown'
  }
  readonly libstdcxx: string | null
  readonly symbolizer: { readonly module: string; readonly version: string } | null
  readonly distribution: string | null
  readonly architecture: string | null
  readonly kernel: string | null
  readonly gdb: string | null
}
