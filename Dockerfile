# Two images: `tools` (gdb and the native tools, for the sidecar) and `reproducer` (the program on its base, and nothing
# else of ours). Every version is a build argument. Written for BuildKit as in Docker 20.10 and for podman 4.3: no syntax
# line, no heredocs, no linked copies. What only the build may know (certificates, Go's settings, an apt mirror) comes
# as secrets, so that it is neither in an image nor in its history.

ARG BASE=docker.io/library/debian:trixie
ARG DEBIAN=docker.io/library/debian:trixie

# --- Debian stable's package lists, read once for three stages ---
FROM ${DEBIAN} AS lists
RUN --mount=type=bind,source=native/image/apt.sh,target=/image/apt.sh \
    --mount=type=secret,id=apt-mirror \
    sh /image/apt.sh update

# --- tools ---
FROM ${DEBIAN} AS native
RUN --mount=type=bind,source=native/image/apt.sh,target=/image/apt.sh \
    --mount=type=bind,from=lists,source=/var/lib/apt/lists,target=/var/lib/apt/lists,rw \
    --mount=type=secret,id=apt-mirror \
    sh /image/apt.sh install gcc libc6-dev make
RUN --mount=type=bind,source=native/image/native.sh,target=/image/native.sh \
    --mount=type=bind,source=native/progress,target=/native/progress \
    --mount=type=bind,source=native/gate,target=/native/gate \
    sh /image/native.sh

FROM ${DEBIAN} AS tools
RUN --mount=type=bind,source=native/image/apt.sh,target=/image/apt.sh \
    --mount=type=bind,from=lists,source=/var/lib/apt/lists,target=/var/lib/apt/lists,rw \
    --mount=type=secret,id=apt-mirror \
    sh /image/apt.sh install gdb \
    && mkdir -p /opt/cgo-deadlock && gdb --version | sed -n '1s/^/gdb /p' > /opt/cgo-deadlock/facts
COPY --from=native /out/ /opt/cgo-deadlock/
COPY native/gdb/ /opt/cgo-deadlock/gdb/
CMD ["sleep", "infinity"]

# --- reproducer ---
FROM ${DEBIAN} AS gocommand
RUN --mount=type=bind,source=native/image,target=/image \
    --mount=type=bind,from=lists,source=/var/lib/apt/lists,target=/var/lib/apt/lists,rw \
    --mount=type=secret,id=apt-mirror \
    sh /image/go.sh command

FROM gocommand AS go
ARG GO
RUN --mount=type=bind,source=native/image/go.sh,target=/image/go.sh \
    --mount=type=secret,id=ca --mount=type=secret,id=go-env \
    sh /image/go.sh toolchain "$GO"
RUN --mount=type=bind,source=native/image/compile.sh,target=/image/compile.sh \
    sh /image/compile.sh go

FROM gocommand AS modules
ARG SYMBOLIZER=none
ARG SYMBOLIZER_IMPORT
ARG SYMBOLIZER_REQUIRES
ARG SYMBOLIZER_ASKED_AT
RUN --mount=type=bind,source=native/image/go.sh,target=/image/go.sh \
    --mount=type=bind,source=native/reproducer/go.mod,target=/reproducer/go.mod \
    --mount=type=bind,source=native/symbolizers,target=/symbolizers \
    --mount=type=secret,id=ca --mount=type=secret,id=go-env \
    sh /image/go.sh module

FROM ${BASE} AS compiler
ARG GCC_PACKAGE=g++
ARG APT_FALLBACKS
RUN --mount=type=bind,source=native/image/apt.sh,target=/image/apt.sh \
    --mount=type=secret,id=apt-mirror \
    sh /image/apt.sh update && sh /image/apt.sh install "$GCC_PACKAGE" libc6-dev

FROM compiler AS library
ARG GCC=default
ARG LIBGCC=shared
COPY --from=go /gocache /gocache
RUN --mount=type=bind,from=go,source=/usr/local/go,target=/usr/local/go \
    --mount=type=bind,source=native/image/compile.sh,target=/image/compile.sh \
    sh /image/compile.sh cgo

FROM library AS compile
RUN --mount=type=bind,from=go,source=/usr/local/go,target=/usr/local/go \
    --mount=type=bind,from=modules,source=/gopath,target=/gopath,rw \
    --mount=type=bind,from=modules,source=/module,target=/module \
    --mount=type=bind,source=native/symbolizers,target=/symbolizers \
    --mount=type=bind,source=native/reproducer,target=/reproducer \
    --mount=type=bind,source=native/image/compile.sh,target=/image/compile.sh \
    sh /image/compile.sh program

FROM ${BASE} AS reproducer
RUN --mount=type=bind,from=compile,source=/out,target=/out \
    --mount=type=bind,source=native/image,target=/image \
    --mount=type=secret,id=apt-mirror \
    sh /image/finish.sh
USER 65532:65532
ENTRYPOINT ["/opt/cgo-deadlock/program"]
