package jail

import (
	"os"
	"runtime"
	"strconv"
)

// Fences are what keeps a child in. A system that lacks some has the others; a deadline,
// an empty environment and no open file but the pipes to its parent every child has.
type Fences struct {
	Memory     bool // a limit on its data (RLIMIT_DATA)
	CPU        bool // a limit on its processor time (RLIMIT_CPU)
	Dumps      bool // no core dump and no tracing, which would show what it reads
	Privileges bool // none can be gained (no_new_privs)
	Files      bool // none can be opened (Landlock)
	Calls      bool // only the system calls of reading, computing and answering (seccomp)
	Network    bool // an empty network (a namespace); without it, Calls keeps it off the network
}

// workers is how many goroutines may look at foreign bytes at once. Where only the fence
// of Files is on, it may be that of one thread; Calls is one of all threads.
func (f Fences) workers() int {
	if f.Files && !f.Calls {
		return 1
	}
	return min(runtime.GOMAXPROCS(0), runtime.NumCPU())
}

// List names the fences that are on and those that are off.
func (f Fences) List() (on, off []string) {
	for _, fence := range []struct {
		name string
		on   bool
	}{
		{"memory", f.Memory},
		{"processor time", f.CPU},
		{"core dumps", f.Dumps},
		{"privileges", f.Privileges},
		{"files", f.Files},
		{"system calls", f.Calls},
		{"network", f.Network || f.Calls}, // no call opens a socket
	} {
		if fence.on {
			on = append(on, fence.name)
		} else {
			off = append(off, fence.name)
		}
	}
	return on, off
}

// limitOf is a limit that the parent set.
func limitOf(name string) (uint64, error) { return strconv.ParseUint(os.Getenv(name), 10, 63) }
