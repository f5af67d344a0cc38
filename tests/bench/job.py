"""The job for pyinfra, as its documentation would have it."""

import io

from pyinfra.operations import apt, files, server

VALUES = {
    "net.ipv4.tcp_max_syn_backlog": "8192",
    "net.ipv4.tcp_rmem": "4096 131072 134217728",
    "net.ipv4.tcp_wmem": "4096 16384 134217728",
    "net.ipv4.tcp_fin_timeout": "90",
}
for key, value in VALUES.items():
    server.sysctl(key=key, value=value, persist=True, persist_file="/etc/sysctl.d/90-job.conf")

files.put(src=io.StringIO("* soft nofile 16384\n"), dest="/etc/security/limits.d/90-job.conf")

RULES = """table inet job
delete table inet job
table inet job {
  chain input {
    type filter hook input priority filter; policy drop;
    ct state established,related accept
    iif lo accept
    meta l4proto { icmp, ipv6-icmp } accept
    tcp dport { 22, 443, 8443 } accept
    udp dport 9000 accept
  }
}
"""
rules = files.put(src=io.StringIO(RULES), dest="/etc/job.nft")
server.shell(commands=["nft -f /etc/job.nft"], _if=rules.did_change)

apt.packages(packages=["jq"])

drop_in = files.put(src=io.StringIO("PasswordAuthentication no\n"), dest="/etc/ssh/sshd_config.d/00-job.conf")
server.shell(commands=["sshd -t && systemctl reload ssh"], _if=drop_in.did_change)
