#!/usr/bin/env bash
# Builds bundle/ anew from src/ and the lock file. Needs Node.js 20 or newer; node_modules goes into a temporary folder.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cp -R "$here/package.json" "$here/package-lock.json" "$here/build.mjs" "$here/src" "$work/"
mkdir "$work/bundle"
cd "$work"
npm ci --no-audit --no-fund --loglevel=error
node build.mjs
mkdir -p "${1:-$here/bundle}"
cp bundle/* "${1:-$here/bundle}/"
