#!/usr/bin/env bash
# Measures Sift with the server on one core and the load generator on the other: ./bench/run.sh [say say-cpu play bridge hook memory]
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/prerequisites.sh
need_dotnet
need_packages taskset:util-linux
say "Building (Release)"
dotnet build src/Sift.Web/Sift.Web.csproj -c Release -nologo -v quiet -clp:NoSummary
dotnet build bench/Sift.Bench.Load/Sift.Bench.Load.csproj -c Release -nologo -v quiet -clp:NoSummary
exec taskset -c 1 dotnet artifacts/bin/Sift.Bench.Load/release/Sift.Bench.Load.dll artifacts/bin/Sift.Web/release/sift.dll "$@"
