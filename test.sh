#!/usr/bin/env bash
# Installs what the tests need, builds, runs every test and ends with one line: N passed, N failed, N skipped.
# ./test.sh Name runs only the test projects whose name contains Name.
set -uo pipefail
cd "$(dirname "$0")"
. scripts/prerequisites.sh

need_dotnet
need_packages flite:flite espeak-ng:espeak-ng ffmpeg:ffmpeg libopus.so.0:libopus0 node:nodejs npm:npm chromium:chromium sox:sox \
  sipp:sip-tester baresip:baresip-core python3:python3 py:flask:python3-flask py:requests:python3-requests \
  pocketsphinx_continuous:pocketsphinx /usr/share/pocketsphinx/model/en-us:pocketsphinx-en-us \
  "/usr/lib/postgresql/*/bin/postgres:postgresql" libsrtp2.so.1:libsrtp2-1 turnserver:coturn

configuration=${SIFT_TEST_CONFIGURATION:-Release}
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT

say "Building ($configuration)"
dotnet build Sift.sln -c "$configuration" -nologo -v quiet -clp:NoSummary || { echo "The build failed."; echo "0 passed, 1 failed, 0 skipped"; exit 1; }

project_of() { for path in tests/"$1"/"$1".csproj samples/*/"$1".csproj; do [ -e "$path" ] && echo "$path"; done; }

run() {
  dotnet test "$(project_of "$1")" -c "$configuration" --no-build --nologo -v quiet \
    --logger "trx;LogFileName=$1.trx" --logger "console;verbosity=minimal" --results-directory "$results"
}

wanted() { case "$1" in *"${filter}"*) ;; *) return 1 ;; esac; }

filter=${1:-}
names=()
for project in tests/*.Tests/*.csproj samples/*/*.Tests.csproj; do
  name=$(basename "$project" .csproj)
  wanted "$name" && names+=("$name")
done

# The fuzzers only need time, so they take what the others leave of it.
fuzz=Sift.Protocols.Fuzz
if wanted "$fuzz"; then
  say "$fuzz (beside the others; ${SIFT_FUZZ_SECONDS:-3} s per parser)"
  (renice -n 19 "$BASHPID" >/dev/null; run "$fuzz") >"$results/fuzz.log" 2>&1 &
fi

for name in "${names[@]}"; do
  say "$name"
  run "$name"
done

# Real programs (phones, browsers) share this machine's two cores with everything else: what failed there gets one second try, by itself and named as such.
for real in Sift.EndToEnd.Tests Sift.Web.Tests; do
  if again=$(/usr/bin/python3 scripts/count_tests.py --failed "$results/$real.trx") && [ -n "$again" ]; then
    say "$real: second try of $again"
    dotnet test "tests/$real/$real.csproj" -c "$configuration" --no-build --nologo -v quiet --filter "$again" \
      --logger "trx;LogFileName=$real.second.trx" --logger "console;verbosity=minimal" --results-directory "$results"
  fi
done

if wanted "$fuzz"; then
  say "$fuzz"
  wait
  grep -vE '^\s*$' "$results/fuzz.log" | tail -40
  names+=("$fuzz")
fi

broken=0
for name in "${names[@]}"; do
  if [ ! -e "$results/$name.trx" ]; then
    echo "$name did not report: counted as one failure."
    broken=$((broken + 1))
  fi
done

/usr/bin/python3 scripts/count_tests.py "$results" "$broken"
