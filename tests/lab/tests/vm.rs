//! The virtual machine must be one: a kernel of its own that can be told everything, and boots that last.

type Any = Result<(), Box<dyn std::error::Error>>;

#[test]
fn it_has_a_kernel_memory_and_disk_of_its_own() -> Any {
    lab::slow!();
    let mut server = lab::need!(lab::vm("bookworm"));
    server.must("sysctl -qw vm.swappiness=7 net.core.rmem_max=7654321 fs.nr_open=2000000")?;
    assert_eq!(server.must("sysctl -n vm.swappiness net.core.rmem_max")?, "7\n7654321\n");
    let memory: u64 = server.must("awk '/MemTotal/ { print $2 }' /proc/meminfo")?.trim().parse()?;
    assert!((4_194_304..4_718_592).contains(&memory), "{memory} kB");
    let skew = server.must("date +%s")?.trim().parse::<i64>()?
        - i64::try_from(std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?.as_secs())?;
    assert!(skew.abs() < 5, "its clock is {skew} s off");
    let out = server.ssh("admin").arg("sudo -n id -u").output()?;
    assert_eq!(String::from_utf8_lossy(&out.stdout), "0\n", "{out:?}");

    server.must("echo vm.swappiness=9 >/etc/sysctl.d/zz.conf; modprobe tcp_bbr; sync; echo unsaved >/unsaved")?;
    server.reboot()?;
    assert_eq!(server.must("sysctl -n vm.swappiness; cat /unsaved")?, "9\nunsaved\n");
    assert!(!server.exec("lsmod | grep tcp_bbr")?.ok());

    server.must("echo kept >/kept; sync; echo lost >/lost")?;
    server.cut_power()?;
    assert_eq!(server.must("cat /kept; ls /lost 2>/dev/null || echo not there")?, "kept\nnot there\n");
    let out = server.ssh("op").arg("id -un").output()?;
    assert_eq!(String::from_utf8_lossy(&out.stdout), "op\n", "{out:?}");
    Ok(())
}
