# Sourced by ./follicast and ./check, which set $here (the repository). `environment LOCK` makes $here/.venv hold what
# LOCK names; $python then runs it. requirements-dev.lock contains every pin of requirements.lock, so one .venv serves both.

python=$here/.venv/bin/python
unset PYTHONDONTWRITEBYTECODE PYTHONPATH PYTHONHOME # the first would make every start compile everything again

die() {
    printf 'follicast: %s\n' "$1" >&2
    exit 1
}

# pip, numba and the cache of fitted twins need a home that can be written; some machines start programs with none.
[ -n "${HOME-}" ] || HOME=$(getent passwd "$(id -u)" | cut -d: -f6)
if [ ! -w "$HOME" ]; then
    HOME=${TMPDIR:-/tmp}/follicast-$(id -u)
    mkdir -m 700 "$HOME" 2>/dev/null || { [ -O "$HOME" ] && [ ! -L "$HOME" ]; } || die "set HOME to a folder that can be written"
fi
export HOME

# debian PACKAGE...: installs them when root on a machine that has apt-get; false otherwise.
debian() {
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 1
    printf 'follicast: installing the Debian packages %s ...\n' "$*" >&2
    { apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "$@"; } \
        </dev/null >/dev/null 2>&1
}

# The stamp names the interpreter and repeats the lock. It is written last, so a broken installation has none.
stamp() {
    readlink -f "$python" && cat "$here/$1"
}

installed() {
    stamp "$1" 2>/dev/null | cmp -s - "$here/.venv/$1"
}

environment() {
    installed "$1" && return
    [ -w "$here" ] || die "$here cannot be written, and its .venv is missing or out of date; run ./follicast once as its owner"
    exec 9<"$here/requirements.lock"
    flock 9 2>/dev/null || true # of two first runs at once, the second waits for the first
    installed "$1" || install "$1"
    exec 9<&-
}

install() {
    base=${PYTHON:-python3}
    "$base" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null ||
        die "Python 3.11 or newer is needed: install python3, or set PYTHON to its path"
    "$base" -c 'import ensurepip' 2>/dev/null || { debian python3-venv && "$base" -c 'import ensurepip' 2>/dev/null; } ||
        die "Python's venv module is missing: install it with 'apt-get install python3-venv', then run this again"
    printf 'follicast: installing the packages of %s into .venv, once (about a minute) ...\n' "$1" >&2
    if ! installed requirements.lock; then
        rm -f "$here/.venv"/*.lock
        "$base" -m venv --clear "$here/.venv" || die "could not make $here/.venv"
    fi
    "$python" -m pip -qq --no-input --disable-pip-version-check install --require-hashes --no-deps --only-binary :all: \
        -r "$here/$1" >&2 || die "could not install the packages of $1; pip's reason stands above"
    "$python" -m compileall -q "$here/src" >&2 || true
    stamp requirements.lock >"$here/.venv/requirements.lock"
    [ "$1" = requirements.lock ] || stamp "$1" >"$here/.venv/$1"
}
