# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# A QEMU guest made of a kernel and the userspace programs alone. To be sourced by
# scripts/selftest, whose $tree, $name, $out and $ARCH it uses.
# shellcheck disable=SC2154

GUEST_LIMIT=600		# seconds after which a guest that does not end has failed
EXT4_IMAGE=/ext4.img	# in the guest; open_negative_test finds it by $OPEN_TRACE_EXT4
EXT4_SIZE=4M

guest_build=$CACHE/build/guest-$ARCH-$name

# make_guest TARGET...: make of the tree, for the guest's kernel
make_guest() { make -s -C "$tree" ARCH="$ARCH" O="$guest_build" -j"$(nproc)" "$@" </dev/null; }

# guest_kernel: configure and build it
guest_kernel()
{
	mkdir -p "$guest_build"
	cat "$REPO/scripts/guest/$ARCH.config" "$REPO/tools/testing/open_trace/config" \
		>"$out/config"
	say "building a kernel for the guest"
	{ make_guest KCONFIG_ALLCONFIG="$out/config" allnoconfig && make_guest bzImage; } \
		>"$out/log" 2>&1 || { tail -n 20 "$out/log" >&2; die "the kernel does not build"; }
}

# guest_root: make its initial root filesystem
guest_root()
{
	local file

	gcc -O2 -Wall -static -o "$out/init" "$REPO/scripts/guest/init.c"
	truncate -s "$EXT4_SIZE" "$out/ext4"
	/sbin/mke2fs -q -t ext4 "$out/ext4"
	{
		echo "dir /dev 0755 0 0"
		echo "nod /dev/console 0600 0 0 c 5 1"
		echo "dir /open_trace 0755 0 0"
		echo "file /init $out/init 0755 0 0"
		echo "file $EXT4_IMAGE $out/ext4 0644 0 0"
		sed 's/.*://' "$out/installed/kselftest-list.txt" | while read -r file; do
			echo "file /open_trace/$file $out/installed/open_trace/$file 0755 0 0"
		done
	} >"$out/root"
	"$guest_build/usr/gen_init_cpio" "$out/root" >"$out/initrd"
}

# guest_run: boot it; prints what the programs print
guest_run()
{
	local accel=tcg

	! "$REPO/scripts/kvm" || accel=kvm
	say "booting Linux $(release "$tree") in QEMU ($accel)"
	timeout -k 5 "$GUEST_LIMIT" "qemu-system-$ARCH" -accel "$accel" -nodefaults -no-reboot \
		-display none -serial stdio -m 512M -smp 2,sockets=2 -kernel "$guest_build/arch/x86/boot/bzImage" \
		-initrd "$out/initrd" \
		-append "console=ttyS0 quiet panic=-1 OPEN_TRACE_EXT4=$EXT4_IMAGE" </dev/null
}
