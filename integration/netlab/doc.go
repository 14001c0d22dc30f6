// Package netlab makes networks on one machine, for tests and benchmarks: hosts
// that are network namespaces, and links between them with a delay, a rate and a
// loss. It needs Linux, root (CAP_SYS_ADMIN and CAP_NET_ADMIN) and /dev/net/tun;
// Supported says what is missing. It does not need the kernel's netem, nor the
// programs ip and tc.
//
//	lab → Host, Host → Connect(a, b, Link{RTT, Rate}) → processes and sockets in the hosts
//
// A link is a TUN device in each of its hosts and a goroutine for each direction that reads
// packets from one, holds them for half of the round trip and writes them to the other. The
// kernel limits the rate, by a token bucket (tbf) before the TUN device, as on the sender's
// own line. Packets keep their segmentation offload: one read returns up to 64 KiB, which
// count, for the token bucket too, as the packets of MTU bytes that they stand for. So the
// lab costs little beside the traffic. A link with loss has no offload, so that it loses
// single packets. Packets that do not fit into a link's buffers are dropped and counted.
//
// Lab.Router and Router.Join make an internet: each host has one address, which may be a
// public one, and reaches all others through the router. Lab.Scenario makes one from
// sentences, in which a test says how hosts are connected and what happens to them:
//
//	buyer behind symmetric nat
//	seller rate 10mbit delay 50ms
//	seller moves to 46.1.1.1
//	cut seller from relay
//
// Namespaces exist through open files only. They have no names and vanish with the
// process that made them, however it ends. Processes are started in a host with
// Host.Start; a socket that is made inside of Host.Do belongs to the host and can be
// used from anywhere. Addresses are of 198.18.0.0/15, which is set aside for such
// networks and is never routed, unless a host joins a router with its own.
//
// Units: rates are bits a second on the wire (IP packets), sizes bytes. Lab, Host and Link are
// safe for concurrent use.
package netlab
