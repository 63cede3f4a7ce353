# A Debian with a Go in /usr/local/go, for the plain build to begin with.
ARG BASE
ARG GO
FROM ${GO} AS go
FROM ${BASE}
COPY --from=go /usr/local/go /usr/local/go
