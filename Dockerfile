# `tools` has gdb and the native tools, for the sidecar; `reproducer` the built-in program on its base, and nothing else
# of ours; `program` one of the user's own, from the folder SOURCE, with its packages. Every version is a build argument.
#
# Written for BuildKit as in Docker 20.10 and for podman 4.3: no syntax line, no heredocs, no linked copies. podman's cache
# looks neither into what a RUN mounts nor at the stage that it comes from, and its stages do not hand down values: so
# what decides the outcome is copied, and an ARG stands in each stage that reads it.
#
# What only the build may know (certificates, Go's settings, an apt mirror) comes as secrets, so that it is neither in an
# image nor in its history.

ARG BASE=docker.io/library/debian:trixie
ARG DEBIAN=docker.io/library/debian:trixie
ARG SOURCE=native/reproducer

# --- Debian stable with its package lists, for stages that are thrown away ---
FROM ${DEBIAN} AS lists
COPY native/image/apt.sh /image/
RUN --mount=type=secret,id=apt-mirror sh /image/apt.sh update

# --- tools ---
FROM lists AS native
RUN --mount=type=secret,id=apt-mirror sh /image/apt.sh install gcc libc6-dev make
COPY native/image/native.sh /image/
COPY native/progress /native/progress
COPY native/gate /native/gate
COPY native/sweep /native/sweep
COPY native/guard /native/guard
RUN sh /image/native.sh

FROM ${DEBIAN} AS tools
RUN --mount=type=bind,source=native/image/apt.sh,target=/image/apt.sh \
    --mount=type=secret,id=apt-mirror \
    sh /image/apt.sh update \
    && sh /image/apt.sh install gdb \
    && sh /image/apt.sh clean \
    && mkdir -p /opt/cgo-deadlock \
    && gdb --version | sed -n '1s/^/gdb /p' > /opt/cgo-deadlock/facts
COPY --from=native /out/ /opt/cgo-deadlock/
COPY native/gdb/ /opt/cgo-deadlock/gdb/
CMD ["sleep", "infinity"]

# --- reproducer ---
FROM lists AS gocommand
COPY native/image/go.sh /image/
RUN --mount=type=secret,id=apt-mirror sh /image/go.sh command

FROM gocommand AS go
ARG GO
RUN --mount=type=secret,id=ca --mount=type=secret,id=go-env sh /image/go.sh toolchain "$GO"
COPY native/image/compile.sh /image/
RUN sh /image/compile.sh go

FROM gocommand AS modules
ARG SOURCE
ARG SYMBOLIZER=none
ARG SYMBOLIZER_IMPORT
ARG SYMBOLIZER_REQUIRES
ARG SYMBOLIZER_ASKED_AT
COPY ${SOURCE} /src
COPY native/symbolizers /symbolizers
RUN --mount=type=secret,id=ca --mount=type=secret,id=go-env sh /image/go.sh module

FROM ${BASE} AS compiler
ARG GCC_PACKAGE=g++
ARG APT_FALLBACKS
COPY native/image/apt.sh /image/
RUN --mount=type=secret,id=apt-mirror \
    sh /image/apt.sh update && sh /image/apt.sh install "$GCC_PACKAGE" libc6-dev

FROM compiler AS library
ARG GCC=default
ARG LIBGCC=shared
COPY --from=go /usr/local/go /usr/local/go
COPY --from=go /gocache /gocache
COPY native/image/compile.sh /image/
RUN sh /image/compile.sh cgo

FROM library AS compile
ARG PACKAGES
ARG APT_FALLBACKS
COPY native/image/packages.sh /image/
RUN --mount=type=secret,id=apt-mirror sh /image/packages.sh build
ARG GCC=default
ARG LIBGCC=shared
ARG SOURCE
ARG PROGRAM
COPY ${SOURCE} /src
COPY --from=modules /symbolizers /symbolizers
COPY --from=modules /gopath /gopath
COPY --from=modules /module /module
RUN sh /image/compile.sh program

FROM ${BASE} AS facts
COPY native/image/facts.sh /image/
COPY --from=compile /out/ /opt/cgo-deadlock/
RUN sh /image/facts.sh

FROM ${BASE} AS reproducer
COPY --from=facts /opt/cgo-deadlock/ /opt/cgo-deadlock/
USER 65532:65532
ENTRYPOINT ["/opt/cgo-deadlock/program"]

# --- a program of the user's own ---
FROM ${BASE} AS runtime
ARG APT_FALLBACKS
COPY --from=compile /packages /opt/cgo-deadlock/
RUN --mount=type=bind,source=native/image,target=/image \
    --mount=type=secret,id=apt-mirror \
    sh /image/packages.sh run /opt/cgo-deadlock/packages

FROM runtime AS programfacts
COPY native/image/facts.sh /image/
COPY --from=compile /out/ /opt/cgo-deadlock/
RUN sh /image/facts.sh

FROM runtime AS program
COPY --from=programfacts /opt/cgo-deadlock/ /opt/cgo-deadlock/
USER 65532:65532
ENTRYPOINT ["/opt/cgo-deadlock/program"]
