# Shared by run.sh and test.sh: finds what is missing and installs it with apt, without asking questions.

say() { printf '\033[1m==> %s\033[0m\n' "$*"; }
fail() { printf '\033[31merror: %s\033[0m\n' "$*" >&2; exit 1; }

need_dotnet() {
  command -v dotnet >/dev/null || fail "The .NET 10 SDK is not installed. Get it from https://dotnet.microsoft.com/download/dotnet/10.0 or your distribution, then run this again."
  case "$(dotnet --version 2>/dev/null)" in
    10.*) ;;
    *) fail "Sift needs the .NET 10 SDK; 'dotnet --version' says '$(dotnet --version 2>&1 | head -1)'." ;;
  esac
  export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
}

present() { # a program on PATH, a shared library, a Python module (py:NAME) or a path
  case "$1" in
    *.so.*) ldconfig -p 2>/dev/null | grep -q "$1" || [ -n "$(find /usr/lib /lib -name "$1*" -print -quit 2>/dev/null)" ] ;;
    py:*) /usr/bin/python3 -c "import ${1#py:}" 2>/dev/null ;;
    /*) compgen -G "$1" >/dev/null ;;
    *) command -v "$1" >/dev/null ;;
  esac
}

need_packages() { # thing:debian-package ...
  local missing=() thing
  for thing in "$@"; do
    present "${thing%:*}" || missing+=("${thing##*:}")
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || fail "These Debian packages are missing and sudo is not here to install them: ${missing[*]}. As root: apt-get install ${missing[*]}"
    as_root=(sudo)
  fi
  command -v apt-get >/dev/null || fail "These programs are missing: ${missing[*]} (Debian package names). Install them with your package manager."
  say "Installing ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null 2>&1 ||
    { "${as_root[@]}" apt-get update -qq && "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null; } ||
    fail "apt-get could not install: ${missing[*]}"
}
