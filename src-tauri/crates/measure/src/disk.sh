# shellcheck shell=sh
# Measures the disk under one folder: small synced writes, then one long one. At most 64 MiB, about 3 s.
# Wants: folder=<absolute path>. Prints "name value" lines; removes its file whatever ends it.
set -u
LC_ALL=C
export LC_ALL
PATH=$PATH:/usr/sbin:/sbin
say() { printf '%s %s\n' "$1" "$2"; }

while [ ! -d "$folder" ]; do
  folder=${folder%/*}
  [ -n "$folder" ] || folder=/
done
[ "$folder" = / ] && base= || base=$folder
# What an earlier measurement left when it was killed.
for old in "$base"/.plumbline-measure.*; do [ -f "$old" ] && rm -f "$old"; done
say folder "$folder"

free_kb=$(df -Pk "$folder" 2>/dev/null | awk 'NR==2 {print $4}')
case $free_kb in '' | *[!0-9]*) say refused space-unknown; exit 0 ;; esac
[ "$free_kb" -ge 1048576 ] || { say refused little-space; exit 0; }
cores=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1)
read -r load _ </proc/loadavg
[ "${load%%.*}" -lt $((cores * 2)) ] || { say refused busy; exit 0; }
file=$base/.plumbline-measure.$$
(umask 077 && : >"$file") 2>/dev/null || { say refused read-only; exit 0; }
trap 'rm -f "$file"' EXIT
trap 'exit 1' HUP INT TERM
# The file goes even when this shell is killed: a child holds the other end of our life and outlives us.
me=$$
( trap '' HUP; i=0; while [ $i -lt 20 ] && kill -0 $me 2>/dev/null; do sleep 1; i=$((i + 1)); done; rm -f "$file" ) </dev/null >/dev/null 2>&1 &
gently=
command -v ionice >/dev/null 2>&1 && ionice -c3 true 2>/dev/null && gently='ionice -c3'

seconds() { sed -n 's/.*copied, \([0-9.e+-]*\) s.*/\1/p'; }
# Space first, so that writing does not mean allocating. 16 MiB, and the small writes stay inside it.
dd if=/dev/zero of="$file" bs=1048576 count=16 conv=fsync 2>/dev/null || { say refused no-room; exit 0; }
# How fast, roughly: then as many writes as fit into a second, at most 4096 (16 MiB).
took=$($gently dd if=/dev/zero of="$file" bs=4096 count=32 oflag=dsync conv=notrunc 2>&1 | seconds)
[ -n "$took" ] || { say refused no-tool; exit 0; }
count=$(awk -v took="$took" 'BEGIN { n = int(32 / (took > 0.001 ? took : 0.001)); print n < 32 ? 32 : n > 4096 ? 4096 : n }')
i=0
while [ $i -lt 3 ]; do
  took=$($gently dd if=/dev/zero of="$file" bs=4096 count="$((count / 3 + 1))" oflag=dsync conv=notrunc 2>&1 | seconds)
  awk -v n="$((count / 3 + 1))" -v took="$took" 'BEGIN { if (took > 0) printf "synced_writes %d\n", n / took }'
  i=$((i + 1))
done
took=$($gently dd if=/dev/zero of="$file" bs=1048576 count=32 conv=fsync 2>&1 | seconds)
awk -v took="$took" 'BEGIN { if (took > 0) printf "sequential %d\n", 32 * 1.048576 / took }'
say written_mib 64
