#!/bin/sh
# Run in a booted Debian that has dnf, rpm and createrepo-c: makes it a stand-in for a server whose programs come as RPM
# packages. Its dnf and rpm are real; Debian's own tools are out of the way, and os-release says what it stands for.
#
# Its one package source is its own folder, so it needs no network: jq can be installed and brings oniguruma with it;
# lab-demo 1.0 is installed and 1.1 is a security update. A few programs that the image has are known to rpm, too.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
source=/srv/rpms
mkdir -p $source /etc/rpm /etc/yum.repos.d

# Debian's rpm keeps its records in the user's home, as it is a guest there.
echo '%_dbpath /var/lib/rpm' >/etc/rpm/macros.dbpath
mkdir -p /var/lib/rpm
rpm --initdb

version() { dpkg-query -W -f='${source:Upstream-Version}\n' "$1" | tr -d '~+-' | head -n 1; }
part() { # NAME VERSION [LINE]
  printf '%%package -n %s\nVersion: %s\nSummary: %s\n%s\n%%description -n %s\nA stand-in.\n%%files -n %s\n' \
    "$1" "$2" "$1" "${3:-}" "$1" "$1"
}
demo() { # VERSION
  printf 'Name: lab-demo\nVersion: %s\nRelease: 1.el9\nSummary: demo\nLicense: MIT\nBuildArch: noarch\n' "$1"
  printf '%%description\nDemo.\n%%install\nmkdir -p %%{buildroot}/usr/share/lab-demo\n'
  printf 'echo %s >%%{buildroot}/usr/share/lab-demo/version\n%%files\n/usr/share/lab-demo\n' "$1"
}
build() { # SPEC
  rpmbuild -bb --quiet --define "_topdir $work" --define "_rpmdir $source" --define '_build_name_fmt %%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm' "$1" >"$work/said" 2>&1 || { cat "$work/said" >&2; exit 1; }
}
{
  printf 'Name: stand-in\nVersion: 1\nRelease: 1.el9\nSummary: s\nLicense: MIT\nBuildArch: noarch\n%%description\nS.\n'
  part oniguruma 6.9.6
  part jq 1.6 'Requires: oniguruma'
  for name in curl sudo nftables openssh-server; do part $name "$(version $name)"; done
} >"$work/parts.spec"
build "$work/parts.spec"
for number in 1.0 1.1; do
  demo $number >"$work/demo.spec"
  build "$work/demo.spec"
done
cd $source
rpm -i lab-demo-1.0-* curl-* sudo-* nftables-* openssh-server-*
rm lab-demo-1.0-*

cat >"$work/updateinfo.xml" <<'X'
<?xml version="1.0" encoding="UTF-8"?>
<updates>
  <update from="lab@localhost" status="final" type="security" version="1">
    <id>LAB-2026:0001</id><title>Important: lab-demo</title><severity>Important</severity>
    <issued date="2026-01-05 00:00:00"/><updated date="2026-01-05 00:00:00"/><description>Demo.</description>
    <references/>
    <pkglist><collection short="lab"><name>lab</name>
      <package name="lab-demo" version="1.1" release="1.el9" epoch="0" arch="noarch" src="lab-demo-1.1-1.el9.src.rpm">
        <filename>lab-demo-1.1-1.el9.noarch.rpm</filename></package>
    </collection></pkglist>
  </update>
</updates>
X
createrepo_c -q .
modifyrepo_c "$work/updateinfo.xml" repodata >/dev/null
printf '[lab]\nname=lab\nbaseurl=file://%s\nenabled=1\ngpgcheck=0\n' $source >/etc/yum.repos.d/lab.repo
mkdir -p /etc/dnf/vars
echo 9 >/etc/dnf/vars/releasever
printf 'ID="rocky"\nID_LIKE="rhel centos fedora"\nVERSION_ID="9.4"\nNAME="Rocky Linux"\nPRETTY_NAME="Rocky Linux 9.4 (a stand-in)"\n' >/etc/os-release

mkdir /usr/lib/debian-tools
for tool in apt apt-get apt-cache dpkg dpkg-query; do mv "/usr/bin/$tool" /usr/lib/debian-tools/; done
rm -rf /var/lib/dpkg /var/lib/apt
dnf -q makecache
