# shellcheck shell=sh
# Measures one core: three runs of a digest that no processor has a shortcut for. About 3 s.
# Prints "name value" lines; nothing is written anywhere.
set -u
LC_ALL=C
export LC_ALL
PATH=$PATH:/usr/sbin:/sbin
say() { printf '%s %s\n' "$1" "$2"; }
stat_line() { read -r _ user nice system idle iowait irq softirq steal _ </proc/stat
  busy=$((user + nice + system + irq + softirq)); all=$((busy + idle + iowait + steal)); }

cores=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1)
say cores "$cores"
read -r load _ </proc/loadavg
say load "$load"
awk -v load="$load" -v cores="$cores" 'BEGIN { exit !(load > cores * 0.7) }' && { say refused busy; exit 0; }
command -v openssl >/dev/null 2>&1 || { say refused no-tool; exit 0; }
stat_line; steal0=$steal all0=$all busy0=$busy
i=0
while [ $i -lt 3 ]; do
  # MD5 of 1 KiB blocks: no instruction set does it in hardware. The last figure of the last line, in kB per second.
  openssl speed -seconds 1 -bytes 1024 md5 2>/dev/null | awk '/^md5|^MD5/ { v = $NF; sub(/k$/, "", v); printf "digest %d\n", v }'
  i=$((i + 1))
done
stat_line
# Ours keeps one core busy; what else ran is shown as share of all of them.
cpus=$(grep -c '^cpu[0-9]' /proc/stat)
say others_percent "$(awk -v b="$((busy - busy0))" -v a="$((all - all0))" -v n="${cpus:-1}" \
  'BEGIN { o = a > 0 && n > 0 ? 100 * (b / a - 1 / n) : 0; printf "%.1f", (o > 0 ? o : 0) }')"
say steal_percent "$(awk -v s="$((steal - steal0))" -v a="$((all - all0))" 'BEGIN { printf "%.1f", (a > 0 ? 100 * s / a : 0) }')"
