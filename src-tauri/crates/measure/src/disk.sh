# shellcheck shell=sh
# Measures the disk under one folder: small synced writes, then long ones. At most 64 MiB, about 3 s.
# Wants: folder=<absolute path>. Prints "name value" lines. Its file has no name: whatever ends us takes it away.
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
# What was left by one that was killed between the file's beginning and the loss of its name.
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
exec 3<>"$file"
rm -f "$file"
file=/proc/self/fd/3
gently=
command -v ionice >/dev/null 2>&1 && ionice -c3 true 2>/dev/null && gently='ionice -c3'

# Space first, so that writing does not mean allocating. 16 MiB, and the small writes stay inside it.
dd if=/dev/urandom of="$file" bs=1048576 count=16 conv=fsync 2>/dev/null || { say refused no-room; exit 0; }
for python in python3 platform-python ''; do
  PATH=$PATH:/usr/libexec command -v "$python" >/dev/null 2>&1 && break
done
# Random places, each write timed by itself. Three runs of a third of a second or 1300 writes; then 32 MiB or a second.
if [ -n "$python" ]; then
  PATH=$PATH:/usr/libexec exec $gently "$python" - <<'PROGRAM'
import os, random, time

clock = time.perf_counter
block, times = os.urandom(4096), []
file = os.open("/proc/self/fd/3", os.O_WRONLY | os.O_DSYNC)
for run in range(3):
    count, begin = 0, clock()
    while count < 1300 and clock() < begin + 0.34:
        started = clock()
        os.pwrite(file, block, 4096 * random.randrange(4096))
        times.append(clock() - started)
        count += 1
    print("synced_writes", int(count / (clock() - begin)))
times.sort()
print("latency_half_us", int(1e6 * times[len(times) // 2]))
print("latency_us", int(1e6 * times[len(times) * 99 // 100]))
block = os.urandom(1 << 20)
file = os.open("/proc/self/fd/3", os.O_WRONLY)
os.ftruncate(file, 0)
count, begin = 0, clock()
while count < 32 and clock() < begin + 1:
    for piece in range(4):
        os.write(file, block)
    os.fdatasync(file)
    count += 4
print("sequential", int(count * 1.048576 / (clock() - begin)))
PROGRAM
fi
# Without python: one place after the other, and no word about the slowest.
seconds() { sed -n 's/.*copied, \([0-9.e+-]*\) s.*/\1/p'; }
# How fast, roughly: then as many writes as fit into a second, at most 4032 with these.
took=$($gently dd if=/dev/zero of="$file" bs=4096 count=32 oflag=dsync conv=notrunc 2>&1 | seconds)
[ -n "$took" ] || { say refused no-tool; exit 0; }
count=$(awk -v took="$took" 'BEGIN { n = int(32 / (took > 0.001 ? took : 0.001) / 3); print (n < 10 ? 10 : (n > 1300 ? 1300 : n)) }')
i=0
while [ $i -lt 3 ]; do
  took=$($gently dd if=/dev/zero of="$file" bs=4096 count="$count" oflag=dsync conv=notrunc 2>&1 | seconds)
  awk -v n="$count" -v took="$took" 'BEGIN { if (took > 0) printf "synced_writes %d\n", n / took }'
  i=$((i + 1))
done
took=$($gently dd if=/dev/zero of="$file" bs=1048576 count=32 conv=fsync 2>&1 | seconds)
awk -v took="$took" 'BEGIN { if (took > 0) printf "sequential %d\n", 32 * 1.048576 / took }'
