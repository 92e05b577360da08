#!/usr/bin/env bash
# Installs what is missing, builds Sift and starts it. Configuration: docs/configuration.md; arguments go to the server.
set -euo pipefail
cd "$(dirname "$0")"
. scripts/prerequisites.sh
. scripts/server-environment.sh

need_dotnet
need_packages flite:flite espeak-ng:espeak-ng ffmpeg:ffmpeg libopus.so.0:libopus0 node:nodejs npm:npm

say "Building Sift (Release)"
dotnet build src/Sift.Web/Sift.Web.csproj -c Release -p:CompileAhead=true -nologo -v quiet -clp:NoSummary || fail "The build failed; the messages above say where."

say "Starting"
exec dotnet artifacts/publish/Sift.Web/release/sift.dll "$@"
