# Sourced by run.sh and bench/run.sh: what the .NET runtime takes from its environment only (docs/decisions/0112).
export DOTNET_GCgen0size="${DOTNET_GCgen0size:-0x4000000}"
