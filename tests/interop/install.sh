#!/bin/sh
# The Solid software of others that the tests use, by the lock files; once for each content of a lock file.
# Without Node.js, or without a way to its packages, those tests skip and say so; in CI that is a failure.
set -u
cd "$(dirname "$0")"

give_up() {
  echo "$1"
  [ -z "${CI:-}" ] || { echo "In CI they have to run."; exit 1; }
  exit 0
}

install() {
  lock=$(sha256sum <"$1/package-lock.json") || return 1
  [ "$(cat "$1/node_modules/.installed" 2>/dev/null)" = "$lock" ] && return 0
  echo "Installing $2 for the tests ..."
  (cd "$1" && npm ci --no-progress --loglevel=error >/dev/null) && echo "$lock" >"$1/node_modules/.installed"
}

if ! command -v node >/dev/null 2>&1 || ! command -v npm >/dev/null 2>&1; then
  give_up "No Node.js here: the tests with software of others will skip. They want 20 or later (Debian 13: nodejs and npm)."
fi
[ "$(node -p 'process.versions.node.split(".")[0] >= 20')" = true ] ||
  give_up "Node.js $(node -v) is too old for the tests with software of others, which will skip: they want 20 or later."
install . "Solid clients" &
install ../interop_servers "servers of others" && wait $! || give_up "npm could not install the software of others: those tests will skip."
