package fs

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// cutDisk is a disk in memory that forgets what was not synced when its power is
// cut: each write may be there, or not, or some of its sectors; each change of a
// directory may be there or not; in any order. It promises only what disk
// promises. Renames and the making of a name are atomic.
//
// Its faults are what a test wants of it: fault is asked before every operation.
type cutDisk struct {
	mu    sync.Mutex
	fault func(op, path string) error
	root  *node
	log   []change // of directories, since the power came on
	temps int
	rand  *rand.Rand
}

// node is a file or a directory.
type node struct {
	names map[string]*node // of a directory
	first map[string]*node // its names when the power came on

	data   []byte // of a file, as it is read
	synced []byte // as it would survive
	writes []write
}

// write is a change of a file that was not synced: bytes, or a size.
type write struct {
	off  int64
	data []byte // nil: a truncation to off
}

// change adds a name to one directory, removes one from another, or both.
type change struct {
	in, from      *node
	name, oldName string
	what          *node
	synced        bool
}

var errCut = errors.New("the power is off")

const sector = 512

func newCutDisk(r *rand.Rand) *cutDisk {
	return &cutDisk{root: dir(), rand: r, fault: func(string, string) error { return nil }}
}

func dir() *node { return &node{names: map[string]*node{}} }

// cut is the disk after the power came back. The old one is of no use.
func (d *cutDisk) cut() *cutDisk {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.fault = func(string, string) error { return errCut }
	alive := map[*node]*node{}
	next := newCutDisk(d.rand)
	next.root = d.survive(d.root, alive)
	for _, c := range d.log {
		if c.synced || d.rand.IntN(2) == 0 {
			d.replay(c, alive)
		}
	}
	next.root.remember()
	return next
}

// remember notes what is durable now.
func (n *node) remember() {
	n.first = maps.Clone(n.names)
	for _, child := range n.names {
		child.remember()
	}
}

// replay makes a change of a directory again; alive are the survivors of nodes.
func (d *cutDisk) replay(c change, alive map[*node]*node) {
	what := d.survive(c.what, alive)
	if c.from != nil {
		if old := d.survive(c.from, alive); old.names[c.oldName] == what {
			delete(old.names, c.oldName)
		}
	}
	if c.in != nil {
		d.survive(c.in, alive).names[c.name] = what
	}
}

// survive is what is left of a file, or a directory as it was when the power
// came on.
func (d *cutDisk) survive(n *node, alive map[*node]*node) *node {
	if alive[n] != nil {
		return alive[n]
	}
	if n.names == nil {
		alive[n] = d.torn(n)
		return alive[n]
	}
	alive[n] = dir()
	for _, name := range slices.Sorted(maps.Keys(n.first)) {
		alive[n].names[name] = d.survive(n.first[name], alive)
	}
	return alive[n]
}

// torn is a file after the cut.
func (d *cutDisk) torn(n *node) *node {
	data := slices.Clone(n.synced)
	for _, w := range n.writes {
		switch {
		case d.rand.IntN(3) == 0: // lost
		case w.data == nil:
			data = resize(data, w.off)
		default:
			torn := d.rand.IntN(2) == 0
			for at := 0; at < len(w.data); at += sector {
				if !torn || d.rand.IntN(2) == 0 {
					data = writeAt(data, w.data[at:min(at+sector, len(w.data))], w.off+int64(at))
				}
			}
		}
	}
	return &node{data: data, synced: slices.Clone(data)}
}

func resize(b []byte, size int64) []byte {
	if int64(len(b)) >= size {
		return b[:size]
	}
	return append(b, make([]byte, size-int64(len(b)))...)
}

func writeAt(b, p []byte, off int64) []byte {
	if end := off + int64(len(p)); int64(len(b)) < end {
		b = resize(b, end)
	}
	copy(b[off:], p)
	return b
}

// at is the directory of a path and the last name in it.
func (d *cutDisk) at(p string) (*node, string, error) {
	parts := strings.Split(strings.Trim(path.Clean(p), "/"), "/")
	n := d.root
	for _, name := range parts[:len(parts)-1] {
		if n = n.names[name]; n == nil || n.names == nil {
			return nil, "", &os.PathError{Op: "open", Path: p, Err: fs.ErrNotExist}
		}
	}
	return n, parts[len(parts)-1], nil
}

func (d *cutDisk) find(p string) (*node, error) {
	parent, name, err := d.at(p)
	if err != nil {
		return nil, err
	}
	if n := parent.names[name]; n != nil {
		return n, nil
	}
	return nil, &os.PathError{Op: "open", Path: p, Err: fs.ErrNotExist}
}

// begin is the start of every operation; mu is held until end.
func (d *cutDisk) begin(op, p string) (end func(), err error) {
	d.mu.Lock()
	if err := d.fault(op, p); err != nil {
		d.mu.Unlock()
		return func() {}, err
	}
	return d.mu.Unlock, nil
}

func (d *cutDisk) change(c change) {
	if c.from != nil {
		delete(c.from.names, c.oldName)
	}
	if c.in != nil {
		c.in.names[c.name] = c.what
	}
	d.log = append(d.log, c)
}

func (d *cutDisk) MkdirAll(p string) error {
	end, err := d.begin("mkdir", p)
	defer end()
	if err != nil {
		return err
	}
	n := d.root
	for name := range strings.SplitSeq(strings.Trim(path.Clean(p), "/"), "/") {
		if n.names[name] == nil {
			d.change(change{in: n, name: name, what: dir()})
		}
		n = n.names[name]
	}
	return nil
}

func (d *cutDisk) MkdirTemp(parent string) (string, error) {
	end, err := d.begin("mkdir", parent)
	defer end()
	if err != nil {
		return "", err
	}
	n, err := d.find(parent)
	if err != nil {
		return "", err
	}
	d.temps++
	name := fmt.Sprintf("%d-%d", d.temps, d.rand.Uint64())
	d.change(change{in: n, name: name, what: dir()})
	return path.Join(parent, name), nil
}

func (d *cutDisk) OpenFile(p string, flag int) (file, error) {
	op := "read"
	if flag&os.O_CREATE != 0 {
		op = "create"
	}
	end, err := d.begin(op, p)
	defer end()
	if err != nil {
		return nil, err
	}
	parent, name, err := d.at(p)
	if err != nil {
		return nil, err
	}
	n := parent.names[name]
	switch {
	case n == nil && flag&os.O_CREATE == 0:
		return nil, &os.PathError{Op: "open", Path: p, Err: fs.ErrNotExist}
	case n == nil:
		n = &node{}
		d.change(change{in: parent, name: name, what: n})
	case flag&os.O_EXCL != 0:
		return nil, &os.PathError{Op: "open", Path: p, Err: fs.ErrExist}
	case flag&os.O_TRUNC != 0:
		n.data, n.writes = nil, append(n.writes, write{})
	}
	return &cutFile{disk: d, node: n, path: p}, nil
}

func (d *cutDisk) Rename(old, p string) error {
	end, err := d.begin("rename", p)
	defer end()
	if err != nil {
		return err
	}
	from, oldName, err := d.at(old)
	if err != nil {
		return err
	}
	in, name, err := d.at(p)
	if err != nil {
		return err
	}
	what := from.names[oldName]
	if what == nil {
		return &os.PathError{Op: "rename", Path: old, Err: fs.ErrNotExist}
	}
	if there := in.names[name]; there != nil && there.names != nil {
		return &os.PathError{Op: "rename", Path: p, Err: fs.ErrExist}
	}
	d.change(change{in: in, name: name, from: from, oldName: oldName, what: what})
	return nil
}

func (d *cutDisk) RemoveAll(p string) error {
	end, err := d.begin("remove", p)
	defer end()
	if err != nil {
		return err
	}
	parent, name, err := d.at(p)
	if err != nil || parent.names[name] == nil {
		return nil
	}
	d.removeIn(parent, name)
	return nil
}

func (d *cutDisk) removeIn(parent *node, name string) {
	n := parent.names[name]
	for child := range n.names {
		d.removeIn(n, child)
	}
	d.change(change{from: parent, oldName: name, what: n})
}

func (d *cutDisk) ReadDir(p string) ([]string, error) {
	end, err := d.begin("read", p)
	defer end()
	if err != nil {
		return nil, err
	}
	n, err := d.find(p)
	if err != nil {
		return nil, err
	}
	var names []string
	for name := range n.names {
		names = append(names, name)
	}
	slices.Sort(names) // so that a seed gives the same run
	return names, nil
}

func (d *cutDisk) Exists(p string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	_, err := d.find(p)
	return err == nil
}

func (d *cutDisk) SyncDir(p string) error {
	end, err := d.begin("sync", p)
	defer end()
	if err != nil {
		return err
	}
	n, err := d.find(p)
	if err != nil {
		return err
	}
	for i, c := range d.log {
		if c.in == n || c.from == n {
			d.log[i].synced = true
		}
	}
	return nil
}

func (d *cutDisk) Lock(p string) (func() error, error) {
	end, err := d.begin("lock", p)
	defer end()
	if err != nil {
		return nil, err
	}
	return func() error { return nil }, nil
}

// cutFile is an open file of a cutDisk.
type cutFile struct {
	disk *cutDisk
	node *node
	path string
	pos  int64
}

func (f *cutFile) Write(p []byte) (int, error) {
	n, err := f.WriteAt(p, f.pos)
	f.pos += int64(n)
	return n, err
}

func (f *cutFile) WriteAt(p []byte, off int64) (int, error) {
	end, err := f.disk.begin("write", f.path)
	defer end()
	if err != nil {
		if half := len(p) / 2; errors.Is(err, syscall.ENOSPC) { // as much as there was room for
			f.put(p[:half], off)
			return half, err
		}
		return 0, err
	}
	f.put(p, off)
	return len(p), nil
}

func (f *cutFile) put(p []byte, off int64) {
	f.node.data = writeAt(f.node.data, p, off)
	f.node.writes = append(f.node.writes, write{off, slices.Clone(p)})
}

func (f *cutFile) ReadAt(p []byte, off int64) (int, error) {
	end, err := f.disk.begin("read", f.path)
	defer end()
	if err != nil {
		return 0, err
	}
	if off >= int64(len(f.node.data)) {
		return 0, io.EOF
	}
	n := copy(p, f.node.data[off:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// Sync that fails loses what was not synced, though it is still read: so does
// Linux, which marks the pages clean.
func (f *cutFile) Sync() error {
	end, err := f.disk.begin("sync", f.path)
	defer end()
	if err != nil {
		if !errors.Is(err, errCut) {
			f.lose()
		}
		return err
	}
	for _, w := range f.node.writes {
		if w.data == nil {
			f.node.synced = resize(f.node.synced, w.off)
			continue
		}
		f.node.synced = writeAt(f.node.synced, w.data, w.off)
	}
	f.node.writes = nil
	return nil
}

func (f *cutFile) lose() {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	f.node.writes = nil
}

func (f *cutFile) Truncate(size int64) error {
	end, err := f.disk.begin("truncate", f.path)
	defer end()
	if err != nil {
		return err
	}
	f.node.data = resize(f.node.data, size)
	f.node.writes = append(f.node.writes, write{off: size})
	return nil
}

func (f *cutFile) Stat() (int64, time.Time, error) {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	return int64(len(f.node.data)), time.Now(), nil
}

func (f *cutFile) Close() error { return nil }
