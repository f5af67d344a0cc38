"""What Ansible, testinfra and Lynis read on a server, one JSON line each: {"by", "about", "value"}, and "because" where
its value follows another rule than ours.

Words: HOST PORT KEY FOLDER, and `whole` for every package, service and setting instead of a sample of each. `about` is
a fact in Plumbline's own words, `value` what the other tool says of it, in the tool's own units and words as far as
they can be told apart from ours by a rule of this file. Lynis is asked where its package stands in FOLDER as lynis.deb.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

HOST, PORT, KEY, FOLDER = sys.argv[1:5]
WHOLE = "whole" in sys.argv[5:]
SAMPLE = 8
BESIDE = Path(sys.executable).parent
SSH = "-F none -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR"

# Kernel parameters that some role asks for, and a few that every kernel has.
SYSCTLS = """
fs.file-max fs.inotify.max_user_instances kernel.keys.root_maxkeys kernel.pid_max kernel.randomize_va_space
net.bridge.bridge-nf-call-iptables net.core.netdev_max_backlog net.core.rmem_default net.core.rmem_max net.core.somaxconn
net.core.wmem_default net.core.wmem_max net.ipv4.conf.all.rp_filter net.ipv4.ip_forward net.ipv4.ip_local_port_range
net.ipv4.tcp_congestion_control net.ipv4.tcp_keepalive_time net.ipv4.tcp_rmem net.ipv4.tcp_syncookies net.ipv4.tcp_wmem
net.ipv4.udp_mem net.ipv4.udp_rmem_min net.netfilter.nf_conntrack_max vm.max_map_count vm.overcommit_memory
vm.overcommit_ratio vm.swappiness
""".split()
COMMANDS = "curl iptables nft mount nsenter ip tc jq wg unzip logrotate sshd sudo etckeeper".split()
FILES = "/etc/shadow /etc/passwd /etc/ssh/sshd_config /var/lib /opt/dusk /etc/sudoers /root /tmp /usr/bin/sudo".split()
USERS = "root admin op guest dusk nologin postgres".split()


def say(by, about, value, **more):
    print(json.dumps({"by": by, "about": about, "value": value, **more}), flush=True)


def some(things):
    """All of them, or a sample that is spread over them."""
    things = sorted(things)
    return things if WHOLE else things[:: max(1, len(things) // SAMPLE)]


def ansible():
    book, out = Path(FOLDER, "book.yml"), Path(FOLDER, "ansible.json")
    book.write_text(
        f"""
- hosts: all
  gather_facts: true
  tasks:
    - service_facts:
    - package_facts:
      ignore_errors: true
    - copy: {{content: "{{{{ ansible_facts | to_json }}}}", dest: "{out}"}}
      delegate_to: localhost
      vars: {{ansible_connection: local, ansible_python_interpreter: "{sys.executable}"}}
"""
    )
    inventory = Path(FOLDER, "hosts")
    inventory.write_text(
        f"server ansible_host={HOST} ansible_port={PORT} ansible_user=root ansible_ssh_private_key_file={KEY} "
        f"ansible_python_interpreter=/usr/bin/python3 ansible_ssh_common_args='{SSH}'\n"
    )
    own = dict(os.environ, ANSIBLE_HOME=f"{FOLDER}/ansible", ANSIBLE_LOCALHOST_WARNING="False", LC_ALL="C.UTF-8")
    done = subprocess.run([BESIDE / "ansible-playbook", "-i", inventory, book], env=own, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"ansible: {done.stdout}{done.stderr}")
    facts = json.loads(out.read_text())
    tell = lambda about, value: say("ansible", about, value)
    tell("cpu.cores", facts["processor_nproc"])
    tell("cpu.flags", facts["flags"])
    tell("memory.total", facts["memtotal_mb"] * 2**20)
    tell("swap.total", facts["swaptotal_mb"] * 2**20)
    tell("os.id", facts["distribution"].lower())
    tell("os.version", facts["distribution_major_version"])
    tell("kernel.version", facts["kernel"])
    tell("arch", facts["architecture"])
    tell("host.name", facts["hostname"])
    tell("init.kind", facts["service_mgr"])
    tell("package.tool", facts["pkg_mgr"])
    tell("fips.enabled", facts["fips"])
    guest = [kind for kind in facts["virtualization_tech_guest"] if kind != "container"]
    tell("virt.kind", guest[0] if guest else "none")
    tell("virt.container", "container" in facts["virtualization_tech_guest"])
    local = ("127.", "::1", "fe80:")
    addresses = facts["all_ipv4_addresses"] + facts["all_ipv6_addresses"]
    tell("address.all", [a for a in addresses if not a.startswith(local)])
    tell("net.mtu", facts["default_ipv4"]["mtu"])
    tell("route.default", "gateway" in facts["default_ipv4"])
    for mount in facts["mounts"]:
        if mount["mount"] == "/":
            tell("disk.size:/", mount["size_total"])
            tell("disk.file_system:/", mount["fstype"])
            tell("disk.inodes_free:/", 100 * mount["inode_available"] / mount["inode_total"])
    # It reads packages only where python3-apt is installed.
    versions = {name: found[-1]["version"] for name, found in facts.get("packages", {}).items()}
    for name in some(versions):
        tell(f"package.installed:{name}", versions[name])
    # Templates have no state, and what is not found is only wanted by others.
    units = {unit[:-8]: said for unit, said in facts["services"].items() if unit.endswith(".service") and "@." not in unit}
    # Ansible calls everything stopped that has no process: also what ran once, which counts as active.
    states = {unit: said["state"] for unit, said in units.items() if said["state"] in ("running", "failed")}
    for unit in some(states):
        tell(f"service.state:{unit}", {"running": "active"}.get(states[unit], states[unit]))
    enabled = {unit: said.get("status") for unit, said in units.items() if said.get("status") in ("enabled", "disabled")}
    for unit in some(enabled):
        tell(f"service.enabled:{unit}", enabled[unit] == "enabled")
    return list(units)


def testinfra(units):
    import testinfra as infra

    options = f"{SSH} -p {PORT} -i {KEY}"
    host = infra.get_host(f"ssh://root@{HOST}:{PORT}", ssh_identity_file=KEY, ssh_extra_args=options)
    tell = lambda about, value, **more: say("testinfra", about, value, **more)
    system = host.system_info
    tell("os.id", system.distribution)
    tell("os.version", system.release.split(".")[0])
    tell("arch", system.arch)
    known = set(host.run("sysctl -aN").stdout.split())
    for name in SYSCTLS if WHOLE else SYSCTLS[::2]:
        value = host.sysctl(name) if name in known else None
        tell(f"sysctl.now:{name}", value if value is None else " ".join(str(value).split()))
    names = host.check_output("dpkg-query -f '${Package}\\n' -W").split()
    for name in [*some(names)[:60], "no-such-package"]:
        package = host.package(name)
        tell(f"package.installed:{name}", package.version if package.is_installed else None)
    listed = host.check_output("systemctl list-unit-files --type=service --plain --no-legend").splitlines()
    files = dict(line.split()[:2] for line in listed)
    for unit in some(u for u in units if f"{u}.service" in files)[:60]:
        service = host.service(unit)
        tell(f"service.state:{unit}", "active" if service.is_running else "not active")
        tell(f"service.enabled:{unit}", service.is_enabled, because=files[f"{unit}.service"])
    listening = host.socket.get_listening_sockets()
    tell("port.all", sorted({listener(one) for one in listening if not one.startswith("unix")}))
    for name in COMMANDS if WHOLE else COMMANDS[::3]:
        tell(f"command.present:{name}", host.exists(name))
    for path in FILES if WHOLE else FILES[::2]:
        file = host.file(path)
        tell(f"file.present:{path}", file.exists)
        if file.exists:
            tell(f"file.mode:{path}", f"{file.mode:o} {file.user}:{file.group}")
    for name in USERS if WHOLE else USERS[::2]:
        tell(f"user.present:{name}", host.user(name).exists)
    root = host.mount_point("/")
    tell("disk.file_system:/", root.filesystem)
    tell("disk.options:/", root.options)
    tell("host.name", host.check_output("hostname"))
    # Not a reading of testinfra's own: what the programs themselves say, by way of it.
    for line in some(host.check_output("sshd -T").splitlines()):
        name, _, value = line.partition(" ")
        if name not in ("port", "listenaddress", "hostkey", "acceptenv", "subsystem", "persourcepenalties"):
            tell(f"sshd.setting:{name}", value)
    waiting = [line for line in host.check_output("apt-get -s upgrade").splitlines() if line.startswith("Inst ")]
    tell("updates.pending", len(waiting))
    tell("updates.security", sum("security" in line.lower() for line in waiting))
    tell("glibc.version", host.check_output("getconf GNU_LIBC_VERSION").split()[1])
    tell("openssl.version", host.check_output("openssl version").split()[1])


def listener(url):
    """tcp://:::22 and tcp://0.0.0.0:22 as "22/tcp ::" and "22/tcp 0.0.0.0"."""
    kind, _, rest = url.partition("://")
    address, _, port = rest.rpartition(":")
    return f"{port}/{kind} {address.strip('[]')}" if address else f"{rest}/{kind} ::"


def lynis():
    deb = Path(FOLDER, "lynis.deb")
    if not deb.exists():
        return
    ssh = ["ssh", *SSH.split(), "-i", KEY, "-p", PORT, "-l", "root", HOST]
    # Unpacked in a folder of its own and not installed: dependencies that are not met would stop apt from telling what
    # waits. Lynis takes what stands beside it.
    unpack = "cat >/tmp/lynis.deb && dpkg -x /tmp/lynis.deb /opt/lynis && cd /opt/lynis && cp etc/lynis/default.prf usr/share/lynis/ && mkdir usr/share/lynis/plugins"
    subprocess.run([*ssh, unpack], stdin=deb.open("rb"), check=True)
    # The whole audit takes a minute; these are the tests whose results can be compared.
    tests = "BOOT-5177 KRNL-5695 PROC-3602 NETW-3004 NETW-3006 NETW-3008 NETW-3012 PKGS-7345 PKGS-7392 AUTH-9234 SSH-7402 SSH-7404 SSH-7408 FIRE-4590 TIME-3104 ACCT-9628 PKGS-7420"
    run = f"cd /opt/lynis/usr/share/lynis; sh /opt/lynis/usr/sbin/lynis audit system --quick --quiet --no-colors --tests '{tests}' >/dev/null 2>&1; cat /var/log/lynis-report.dat"
    report = subprocess.run([*ssh, run], capture_output=True, text=True).stdout
    said = {}
    for line in report.splitlines():
        key, is_one, value = line.partition("=")
        if is_one:
            said.setdefault(key.removesuffix("[]"), []).append(value)
    if "os_version" not in said:
        sys.exit(f"lynis said nothing: {report[:400]}")
    tell = lambda about, value: say("lynis", about, value)
    one = lambda key: said[key][0] if key in said else None
    tell("os.version", one("os_version"))
    tell("os.id", one("os_name").lower())
    tell("kernel.version", one("os_kernel_version_full"))
    tell("host.name", one("hostname"))
    if "vmtype" in said:
        tell("virt.kind", one("vmtype"))
    if "memory_size" in said:
        tell("memory.total", int(one("memory_size")) * 1024)
    local = ("127.", "::1", "fe80:")
    addresses = said.get("network_ipv4_address", []) + said.get("network_ipv6_address", [])
    if addresses:
        tell("address.all", [a for a in addresses if not a.startswith(local)])
    ports = set()
    for line in said.get("network_listen", []):
        _, kind, place, *_ = line.split("|")
        address, _, port = place.rpartition(":")
        ports.add(f"{port}/{kind} {address.strip('[]')}")
    if ports:
        tell("port.all", sorted(ports))
    for unit in some(said.get("running_service", [])):
        tell(f"service.state:{unit}", "active")
    for unit in some(unit for unit in said.get("boot_service", []) if not unit.endswith("@")):
        tell(f"service.enabled:{unit}", True)
    if "vulnerable_packages_found" in said:
        tell("updates.security", len(said.get("vulnerable_package", [])))
    if "linux_auditd_running" in said:
        tell("audit.running", one("linux_auditd_running") == "1")
    for pair in some(p for p in (one("installed_packages_array") or "").split("|") if "," in p):
        name, _, version = pair.partition(",")
        # "libbsd0:amd64" names the architecture where there could be several.
        tell(f"package.installed:{name.partition(':')[0]}", version)
    for line in said.get("details", []):
        found = re.search(r"\|sshd\|.*field:(\w+);.*;value:([^;]*);", line)
        if found and found[1].lower() != "port":
            tell(f"sshd.setting:{found[1].lower()}", found[2].lower())


if __name__ == "__main__":
    testinfra(ansible())
    lynis()
