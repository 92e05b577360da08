#!/usr/bin/env bash
# Measures Sift with the server on one core and the load generator on the other: ./bench/run.sh [say say-cpu play bridge hook memory]
# or the delivery pipeline on both cores: ./bench/run.sh deliveries [events in-call dead]
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/prerequisites.sh
need_dotnet
need_packages taskset:util-linux
say "Building (Release)"
if [ "${1:-}" = deliveries ]; then
  shift
  dotnet build bench/Sift.Bench.Deliveries/Sift.Bench.Deliveries.csproj -c Release -nologo -v quiet -clp:NoSummary
  exec dotnet artifacts/bin/Sift.Bench.Deliveries/release/Sift.Bench.Deliveries.dll "$@"
fi
dotnet build src/Sift.Web/Sift.Web.csproj -c Release -nologo -v quiet -clp:NoSummary
dotnet build bench/Sift.Bench.Load/Sift.Bench.Load.csproj -c Release -nologo -v quiet -clp:NoSummary
exec taskset -c 1 dotnet artifacts/bin/Sift.Bench.Load/release/Sift.Bench.Load.dll artifacts/bin/Sift.Web/release/sift.dll "$@"
