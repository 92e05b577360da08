#!/usr/bin/env bash
# Prints the figures of one part, with the conditions they were measured under: ./bench/run.sh PART [its options]
#   engine      the workflow engine alone: activity steps per second and core, allocation per step
#   sip         the SIP side alone: time and bytes per call of the core, CPU per thread of the whole path
#   journal     the group commit on SQLite and PostgreSQL: events per second, commit waits
#   history     starts, lists, search and viewer with 1,000,000 finished instances in the store
#   deliveries  callbacks stored, sent and recorded per second, in-call overhead, a dead receiver among 100;
#               options [events in-call dead] [--seconds N] [--rounds N] [--database sqlite|postgres]
#   studio      how long the designer takes to draw a flow, how late a badge moves; options [warm visits]
#   browser     browser calls: set-up time, and legs per core; options [setup transcode relay pcmu]
#   calls       calls with the server on one core and the load generator on the other; options [say say-cpu speech play bridge hook memory]
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/prerequisites.sh
. scripts/server-environment.sh
need_dotnet

build() { # project below the root
  dotnet build "$1" -c Release -p:CompileAhead=true -nologo -v quiet -clp:NoSummary
}

bench() { # project, assembly, arguments
  local project="$1" assembly="$2"
  shift 2
  say "Building (Release)"
  build "bench/$project/$project.csproj"
  exec dotnet "artifacts/bin/$project/release/$assembly.dll" "$@"
}

part="${1:-calls}"
[ $# -gt 0 ] && shift
case "$part" in
  engine) bench Sift.Bench.Engine Sift.Bench.Engine "$@" ;;
  sip) bench Sift.Bench.Sip Sift.Bench.Sip "$@" ;;
  journal | history)
    need_packages /usr/lib/postgresql/*/bin/initdb:postgresql
    bench Sift.Bench.Storage Sift.Bench "$part" "$@"
    ;;
  deliveries)
    need_packages /usr/lib/postgresql/*/bin/initdb:postgresql
    bench Sift.Bench.Deliveries Sift.Bench.Deliveries "$@"
    ;;
  studio)
    need_packages chromium
    bench Sift.Bench.Studio Sift.Bench.Studio "$@"
    ;;
  browser)
    need_packages taskset:util-linux
    say "Building (Release)"
    build src/Sift.Web/Sift.Web.csproj
    build bench/Sift.Bench.Media/Sift.Bench.Media.csproj
    ulimit -n "$(ulimit -Hn)"
    exec taskset -c 1 dotnet artifacts/bin/Sift.Bench.Media/release/Sift.Bench.Media.dll server artifacts/publish/Sift.Web/release/sift.dll "$@"
    ;;
  calls)
    need_packages taskset:util-linux
    say "Building (Release)"
    build src/Sift.Web/Sift.Web.csproj
    build bench/Sift.Bench.Load/Sift.Bench.Load.csproj
    exec taskset -c 1 dotnet artifacts/bin/Sift.Bench.Load/release/Sift.Bench.Load.dll artifacts/publish/Sift.Web/release/sift.dll "$@"
    ;;
  *) fail "There is no part '$part'. $(sed -n 's/^#   //p' bench/run.sh)" ;;
esac
