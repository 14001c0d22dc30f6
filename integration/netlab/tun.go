//go:build linux

package netlab

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

const (
	tunPath = "/dev/net/tun"
	minMTU  = 576
	maxMTU  = 65535
	// header is struct virtio_net_hdr, which stands before each packet and says
	// how it is to be cut and which checksums are still to be made.
	header = 10
	// maxPacket is the largest that one read returns.
	maxPacket = header + maxMTU
)

// tun is the end of a TUN device at which its packets come out.
type tun struct {
	*os.File
}

// openTun makes a TUN device in the calling thread's namespace. It goes when it
// is closed.
func openTun(name string, offload bool) (*tun, error) {
	fd, err := unix.Open(tunPath, unix.O_RDWR|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", tunPath, err)
	}
	if err := setupTun(fd, name, offload); err != nil {
		_ = unix.Close(fd)
		return nil, err
	}
	return &tun{os.NewFile(uintptr(fd), tunPath)}, nil
}

func setupTun(fd int, name string, offload bool) error {
	request, err := unix.NewIfreq(name)
	if err != nil {
		return err
	}
	request.SetUint16(unix.IFF_TUN | unix.IFF_NO_PI | unix.IFF_VNET_HDR)
	if err := unix.IoctlIfreq(fd, unix.TUNSETIFF, request); err != nil {
		return fmt.Errorf("make TUN device: %w", err)
	}
	if !offload {
		return nil
	}
	const tcp = unix.TUN_F_CSUM | unix.TUN_F_TSO4 | unix.TUN_F_TSO6
	// UDP segmentation offload is Linux 6.2's; QUIC goes without before.
	if unix.IoctlSetInt(fd, unix.TUNSETOFFLOAD, tcp|unix.TUN_F_USO4|unix.TUN_F_USO6) == nil {
		return nil
	}
	if err := unix.IoctlSetInt(fd, unix.TUNSETOFFLOAD, tcp); err != nil {
		return fmt.Errorf("offload: %w", err)
	}
	return nil
}
