# shellcheck shell=bash
# What the lab scripts share: packages, virtual environments, ports, processes, secrets.
#
# Sourced by `mwdb` and `drakvuf` beside it, never run. A function that cannot do its work
# ends the script with one line that says what failed, where to look and what to do.

LAB_NAME=${0##*/}
LAB_START=$EPOCHREALTIME

# The folder for virtual environments and, by default, for state: outside the repository, kept
# between runs. Root's home is closed to the users that servers run as (postgres, nobody),
# so root's default is /var/cache.
lab_folder() {
    if [ -n "${XDG_CACHE_HOME:-}" ]; then
        echo "$XDG_CACHE_HOME/mwdb-webhooks-lab"
    elif [ "$(id -u)" = 0 ]; then
        echo /var/cache/mwdb-webhooks-lab
    else
        echo "$HOME/.cache/mwdb-webhooks-lab"
    fi
}

say() { # TEXT: progress, with the seconds since the script started
    awk -v name="$LAB_NAME" -v from="$LAB_START" -v to="$EPOCHREALTIME" -v text="$*" \
        'BEGIN { printf "%s %5.1fs  %s\n", name, to - from, text }' >&2
}

die() { # TEXT
    echo "$LAB_NAME: $*" >&2
    exit 1
}

# --- packages and virtual environments ---------------------------------------------------

# LIBRARY: is this shared library known to the loader?
# (grep reads to the end: leaving early would fail the pipe.)
has_library() { /sbin/ldconfig -p | grep "$1" >/dev/null; }

# PACKAGE...: installs Debian packages; their services are kept from starting.
install_packages() {
    [ $# -gt 0 ] || return 0
    [ "$(id -u)" = 0 ] || die "these Debian packages are missing; install them as root: apt-get install $*"
    say "installing $*"
    local log=$BASE/log/apt.log policy=/usr/sbin/policy-rc.d made=no failed=no
    if [ ! -e $policy ]; then
        printf '#!/bin/sh\nexit 101\n' >$policy
        chmod 755 $policy
        made=yes
    fi
    if ! compgen -G '/var/lib/apt/lists/*_Packages*' >/dev/null; then
        apt-get update -qq >"$log" 2>&1 </dev/null || failed=yes
    fi
    [ $failed = yes ] || DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" \
        >>"$log" 2>&1 </dev/null || failed=yes
    [ $made = no ] || rm -f $policy
    [ $failed = no ] || die "apt-get could not install $*: see $log"
}

# FOLDER REQUIREMENT...: a virtual environment that holds exactly these, made once; safe to run twice at once.
ensure_venv() {
    local venv=$1 ready
    shift
    ready="$venv/.holds-$(printf '%s ' "$@" | cksum | cut -d' ' -f1)"
    # Complete already, and perhaps another user's, whose folder we may not write to.
    [ ! -e "$ready" ] || return 0
    mkdir -p "$(dirname "$venv")"
    (
        flock 9
        if [ ! -e "$ready" ]; then
            say "installing $* into $venv"
            # The system's interpreter: another user must be able to run it.
            /usr/bin/python3 -m venv "$venv" >"$BASE/log/venv.log" 2>&1 \
                || die "python3 -m venv $venv failed: see $BASE/log/venv.log"
            "$venv/bin/pip" install --quiet --disable-pip-version-check "$@" >"$BASE/log/pip.log" 2>&1 \
                || die "pip install $* failed: see $BASE/log/pip.log"
            touch "$ready"
        fi
    ) 9>"$venv.lock" || exit 1
}

# --- users -----------------------------------------------------------------------------------

# USER COMMAND...: runs the command as that user.
as() {
    local user=$1
    shift
    if [ "$user" = "$(id -un)" ]; then "$@"; else runuser -u "$user" -- "$@"; fi
}

# USER PATH...: gives the paths to the user, where we may.
give() {
    local user=$1
    shift
    [ "$user" = "$(id -un)" ] || chown "$user": "$@"
}

# USER FOLDER: ends the script unless the user can enter the folder.
must_reach() {
    as "$1" test -x "$2" || die "the user $1 cannot enter $2: choose a folder whose parents are open to others"
}

# --- processes and ports ---------------------------------------------------------------------

# PIDFILE WORD: does the process named there run, and does its command line still hold the word?
running() {
    local pid
    [ -s "$1" ] && pid=$(head -n 1 "$1") && [ -r "/proc/$pid/cmdline" ] \
        && tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -- "$2" >/dev/null
}

# NAME PIDFILE WORD SIGNAL: stops one process by its pid and waits until it is gone, and with it what it has
# started in its own process group: a worker that waits for a client outlives a master that had to be killed.
stop_process() {
    local name=$1 file=$2 word=$3 signal=$4 pid
    if running "$file" "$word"; then
        pid=$(head -n 1 "$file")
        kill "-$signal" "$pid"
        wait_until 20 not_alive "$pid" || kill -KILL "$pid" 2>/dev/null || true
        wait_until 5 not_alive "$pid" || die "$name (pid $pid) does not stop"
        kill -KILL -- "-$pid" 2>/dev/null || true
        wait_until 5 not_alive "-$pid" || die "what $name (pid $pid) has started does not stop"
        say "stopped $name (pid $pid)"
    fi
    rm -f "$file"
}

not_alive() { ! kill -0 -- "$1" 2>/dev/null; }

# SECONDS COMMAND...: asks every tenth of a second until the command succeeds; false when time is up.
wait_until() {
    local left=$(($1 * 10))
    shift
    while [ "$left" -gt 0 ]; do
        if "$@"; then return 0; fi
        sleep 0.1
        left=$((left - 1))
    done
    return 1
}

listening() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# PORT VARIABLE: ends the script when something else already listens there.
must_be_free() { ! listening "$1" || die "port $1 is taken: set $2 to another one"; }

# PORT PATH: does GET PATH answer 200?
answers() {
    local line=
    {
        exec 3<>"/dev/tcp/127.0.0.1/$1" || return 1
        printf 'GET %s HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n' "$2" >&3
        read -r -t 10 line <&3
        exec 3>&-
    } 2>/dev/null
    [[ $line == *" 200 "* ]]
}

# --- files ------------------------------------------------------------------------------------

# FILE: a random secret, made at the first call, printed.
secret() {
    if [ ! -s "$1" ]; then
        (umask 077 && od -vN 32 -An -tx1 /dev/urandom | tr -d ' \n' >"$1")
    fi
    cat "$1"
}

# FILE MODE OWNER: replaces FILE by standard input; true when that changed it.
replace_file() {
    local new=$1.new
    (umask 077 && cat >"$new")
    if [ -e "$1" ] && cmp -s "$new" "$1"; then
        rm -f "$new"
        return 1
    fi
    chmod "$2" "$new"
    give "$3" "$new"
    mv "$new" "$1"
}
