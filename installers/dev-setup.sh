#!/bin/sh
# Installs the system packages that building and testing need, where they are missing:
#
#   dev-setup.sh [--list] PART…     parts: core (compile), window (the desktop app), test, check
#
# Debian and Ubuntu (apt), Fedora (dnf), Arch (pacman), macOS (brew). Asks for rights with sudo only where something is
# missing. What is already there costs a fraction of a second. What only tests need and this system does not have is
# named and left out; the tests that want it say so again.
set -eu

say() { printf '%s\n' "set-up: $*" >&2; }

has() { # a program, wherever administrators' programs live too
  command -v "$1" >/dev/null 2>&1 || [ -x "/usr/sbin/$1" ] || [ -x "/sbin/$1" ] || [ -x "/usr/libexec/$1" ]
}
has_library() { has pkg-config && pkg-config --exists "$1"; }

list=0
[ "${1:-}" != --list ] || {
  list=1
  shift
}
if has apt-get; then
  system=apt
elif has dnf; then
  system=dnf
elif has pacman; then
  system=pacman
elif [ "$(uname -s)" = Darwin ]; then
  system=brew
else
  system=none
fi

# One line each: part, whether it can be done without (must, may), how to see that it is there, and the package in apt,
# dnf, pacman and brew (- where there is none). `PROGRAM`, `lib:NAME`, `perl:MODULE` or `file:PATH`.
table() {
  cat <<'T'
core   must cc                                build-essential          gcc                    base-devel          -
core   must make                              build-essential          make                   base-devel          -
core   must perl:IPC::Cmd                     perl                     perl-core              perl                -
core   must pkg-config                        pkg-config               pkgconf-pkg-config     pkgconf             pkgconf
window must lib:webkit2gtk-4.1                libwebkit2gtk-4.1-dev    webkit2gtk4.1-devel    webkit2gtk-4.1      -
test   may  Xvfb                              xvfb                     xorg-x11-server-Xvfb   xorg-server-xvfb    -
test   may  xauth                             xauth                    xorg-x11-xauth         xorg-xauth          -
test   may  WebKitWebDriver                   webkit2gtk-driver        webkit2gtk4.1-devel    webkit2gtk-4.1      -
test   may  openbox                           openbox                  openbox                openbox             -
test   may  xdotool                           xdotool                  xdotool                xdotool             -
test   may  import                            imagemagick              ImageMagick            imagemagick         imagemagick
test   may  dbus-run-session                  dbus                     dbus-daemon            dbus                -
test   may  gnome-keyring-daemon              gnome-keyring            gnome-keyring          gnome-keyring       -
test   may  secret-tool                       libsecret-tools          libsecret              libsecret           -
test   may  sshd                              openssh-server           openssh-server         openssh             -
test   may  ssh                               openssh-client           openssh-clients        openssh             -
test   may  pdftotext                         poppler-utils            poppler-utils          poppler             poppler
test   may  qpdf                              qpdf                     qpdf                   qpdf                qpdf
test   may  chromium                          chromium                 chromium               chromium            -
test   may  fc-list                           fontconfig               fontconfig             fontconfig          -
test   may  sudo                              sudo                     sudo                   sudo                -
test   may  nft                               nftables                 nftables               nftables            -
test   may  ip                                iproute2                 iproute                iproute2            -
test   may  ps                                procps                   procps-ng              procps-ng           -
test   may  systemd-nspawn                    systemd-container        systemd-container      systemd             -
test   may  mmdebstrap                        mmdebstrap               mmdebstrap             -                   -
test   may  file:/usr/share/keyrings/debian-archive-keyring.gpg debian-archive-keyring debian-keyring debian-archive-keyring -
test   may  newuidmap                         uidmap                   shadow-utils           shadow              -
test   may  python3                           python3                  python3                python              -
test   may  python:ensurepip                  python3-venv             python3                python              -
test   may  dropbear                          dropbear-bin             dropbear               dropbear            -
test   may  busybox                           busybox-static           busybox                busybox             -
test   may  qemu-system-x86_64                qemu-system-x86          qemu-system-x86-core   qemu-system-x86     -
test   may  qemu-img                          qemu-utils               qemu-img               qemu-img            -
test   may  mke2fs                            e2fsprogs                e2fsprogs              e2fsprogs           -
test   may  fio                               fio                      fio                    fio                 fio
test   may  zsh                               zsh                      zsh                    zsh                 -
test   may  tcsh                              tcsh                     tcsh                   tcsh                -
test   may  strace                            strace                   strace                 strace              -
test   may  shellcheck                        shellcheck               ShellCheck             shellcheck          shellcheck
check  may  shellcheck                        shellcheck               ShellCheck             shellcheck          shellcheck
T
}

there() {
  case $1 in
  lib:*) has_library "${1#lib:}" || [ "$system" = brew ] ;;
  perl:*) has perl && perl -M"${1#perl:}" -e 1 2>/dev/null ;; # OpenSSL is configured with it
  python:*) has python3 && python3 -c "import ${1#python:}" 2>/dev/null ;;
  file:*) [ -e "${1#file:}" ] ;;
  *) has "$1" ;;
  esac
}

# What is missing, as words of packages, must and may apart.
must='' may='' nowhere=''
while read -r part need sign apt dnf pacman brew; do
  case " $* " in *" $part "*) ;; *) continue ;; esac
  there "$sign" && continue
  case $system in
  apt) package=$apt ;; dnf) package=$dnf ;; pacman) package=$pacman ;; brew) package=$brew ;; *) package=$sign ;;
  esac
  if [ "$package" = - ]; then
    nowhere="$nowhere ${sign#*:}"
  elif [ "$need" = must ]; then
    case " $must " in *" $package "*) ;; *) must="$must $package" ;; esac
  else
    case " $may " in *" $package "*) ;; *) may="$may $package" ;; esac
  fi
done <<T
$(table)
T
if [ $list = 1 ]; then
  printf '%s\n' "$must$may" | tr ' ' '\n' | sed '/^$/d'
  exit 0
fi
[ -n "$must$may" ] || exit 0

case $system in
apt) install='apt-get -qq -y --no-install-recommends --no-remove install' update='apt-get -qq update' ;;
dnf) install='dnf -q -y --setopt=install_weak_deps=False install' update=: ;;
pacman) install='pacman -S --needed --noconfirm' update=: ;;
brew) install='brew install --quiet' update=: ;;
none)
  say "this system has no package manager that is known here; please install:$must$may"
  [ -z "$must" ] || exit 1
  exit 0
  ;;
esac

as_root=
if [ "$system" != brew ] && [ "$(id -u)" != 0 ]; then
  if has sudo && { [ -t 0 ] || sudo -n true 2>/dev/null; }; then
    as_root='sudo'
  elif [ -n "$must" ]; then
    say "these packages are missing and this user may not install them:$must$may"
    say "as root: $install$must$may"
    exit 1
  else
    say "left out, for this user may not install packages:$may"
    exit 0
  fi
fi

say "installing:$must$may"
export DEBIAN_FRONTEND=noninteractive
# A test needs the program sshd, not a service that listens on this computer. Where we bring it, it stays off.
quiet_sshd=0
case " $may " in *" openssh-server "*) has sshd || quiet_sshd=1 ;; esac
if [ $quiet_sshd = 1 ] && [ "$system" = apt ] && [ ! -e /usr/sbin/policy-rc.d ]; then
  printf '#!/bin/sh\nexit 101\n' | $as_root tee /usr/sbin/policy-rc.d >/dev/null
  $as_root chmod 755 /usr/sbin/policy-rc.d
  trap '$as_root rm -f /usr/sbin/policy-rc.d' EXIT
fi
log=$(mktemp)
put() { # PACKAGES
  # shellcheck disable=SC2086 # words on purpose
  $as_root env DEBIAN_FRONTEND=noninteractive $install "$@" </dev/null >"$log" 2>&1
}
# shellcheck disable=SC2086
$as_root $update >"$log" 2>&1 || say "the package lists could not be renewed; trying with those that are here"
# shellcheck disable=SC2086
if [ -n "$must" ] && ! put $must; then
  tail -n 20 "$log" >&2
  say "could not install:$must"
  exit 1
fi
# shellcheck disable=SC2086
if [ -n "$may" ] && ! put $may; then
  for package in $may; do
    put "$package" || say "left out: $package: $(grep -v '^ *$' "$log" | tail -n 1)"
  done
fi
rm -f "$log"
if [ $quiet_sshd = 1 ] && has systemctl; then
  for unit in ssh.service ssh.socket sshd.service; do
    $as_root systemctl --quiet disable "$unit" >/dev/null 2>&1 || :
  done
  say "openssh-server is installed for the tests and does not run as a service"
fi
[ -z "$nowhere" ] || say "not to be had on this system:$nowhere"
