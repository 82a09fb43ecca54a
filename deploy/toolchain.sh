# shellcheck shell=bash
# The Swift toolchain and what it needs from Debian: shared by `run` and `test`, sourced after lab/lib.sh.

# Puts `swift` on the path; ends the script with what to do where there is none.
toolchain() {
    local folder
    if ! command -v swift >/dev/null; then
        for folder in /opt/swift/usr/bin "$HOME/.local/share/swiftly/bin" /usr/libexec/swift/bin; do
            if [ -x "$folder/swift" ]; then
                export PATH=$PATH:$folder
                break
            fi
        done
    fi
    command -v swift >/dev/null \
        || die "no Swift toolchain: install 6.1 or newer from https://www.swift.org/install/linux/ and put it on PATH"
}

# Prints the Debian packages that a build needs and that are not there.
missing_packages() {
    local package file
    while read -r package file; do
        compgen -G "$file" >/dev/null || echo "$package"
    done <<'LIST'
libcurl4-openssl-dev /usr/include/*/curl/curl.h
libsqlite3-dev /usr/include/sqlite3.h
pkg-config /usr/bin/pkg-config
libc6-dev /usr/include/stdio.h
libstdc++-12-dev /usr/include/c++/*/vector
binutils /usr/bin/ld
git /usr/bin/git
ca-certificates /etc/ssl/certs/ca-certificates.crt
libxml2 /usr/lib/*/libxml2.so.2
libncurses6 /lib/*/libncurses.so.6
libedit2 /usr/lib/*/libedit.so.2
tzdata /usr/share/zoneinfo/UTC
LIST
}

# Standard input of a build, one line in ten seconds, errors at once. Fails where the build did (pipefail).
progress() {
    local line last=0
    while IFS= read -r line; do
        if [[ $line == *error:* ]] || [ $((SECONDS - last)) -ge 10 ]; then
            say "  ${line:0:150}"
            last=$SECONDS
        fi
    done
}
