#!/usr/bin/env bash
# Measures Sift with the server on one core and the load generator on the other: ./bench/run.sh [say say-cpu play bridge hook memory]
# ./bench/run.sh browser [setup transcode relay pcmu] measures browser calls: set-up time, and legs per core.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/prerequisites.sh
need_dotnet
need_packages taskset:util-linux
say "Building (Release)"
dotnet build src/Sift.Web/Sift.Web.csproj -c Release -nologo -v quiet -clp:NoSummary
if [ "${1:-}" = browser ]; then
  shift
  dotnet build bench/Sift.Bench.Media/Sift.Bench.Media.csproj -c Release -nologo -v quiet -clp:NoSummary
  ulimit -n "$(ulimit -Hn)"
  exec taskset -c 1 dotnet artifacts/bin/Sift.Bench.Media/release/Sift.Bench.Media.dll server artifacts/bin/Sift.Web/release/sift.dll "$@"
fi
dotnet build bench/Sift.Bench.Load/Sift.Bench.Load.csproj -c Release -nologo -v quiet -clp:NoSummary
exec taskset -c 1 dotnet artifacts/bin/Sift.Bench.Load/release/Sift.Bench.Load.dll artifacts/bin/Sift.Web/release/sift.dll "$@"
