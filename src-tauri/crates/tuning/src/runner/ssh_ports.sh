# Every port that people come in by over ssh, from all who know: sshd's own settings, the socket unit, who listens, and the
# connections that are open right now. One file would not do: the port stands in drop-ins, sockets and command lines.
ssh_ports() {
  {
    sshd=$(command -v sshd || echo /usr/sbin/sshd)
    [ ! -x "$sshd" ] || "$sshd" -T 2>/dev/null | awk '$1 == "port" { print $2 }'
    if have systemctl; then
      systemctl show -p Listen ssh.socket sshd.socket 2>/dev/null | sed -n 's/^Listen=.*[:]\([0-9]*\) (Stream)$/\1/p'
    fi
    if have ss; then
      ss -Hltnp 2>/dev/null | awk '/"(sshd|dropbear)"/ || /"systemd",pid=1,/ && /:22 / { n = split($4, a, ":"); print a[n] }'
      ss -Htnp state established 2>/dev/null | awk '/"(sshd|sshd-session|dropbear)"/ { n = split($3, a, ":"); print a[n] }'
    fi
    # shellcheck disable=SC2086
    set -- ${SSH_CONNECTION:-}
    [ -z "${4:-}" ] || echo "$4"
  } | grep -E '^[0-9]+$' | sort -nu
}

# What SELinux keeps TCP port $1 for, by name; "-" where it stands in no list.
ssh_port_label_now() {
  semanage port -l 2>/dev/null | awk -v port="$1" '$2 == "tcp" { for (i = 3; i <= NF; i++) { sub(/,$/, "", $i); if ($i == port) name = $1 } } END { print name == "" ? "-" : name }'
}
