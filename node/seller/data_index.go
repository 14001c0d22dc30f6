package seller

import (
	"context"
	"errors"
	"sync"

	"github.com/medibloc/pdx"
)

// dataIndex finds data by what people call it, so that no order reads the whole
// table. Whoever asks first fills it.
type dataIndex struct {
	mu    sync.Mutex
	known map[string]called // by id; nil until it is filled
	names map[string]string // ids by name
	paths map[string]string // ids by path
}

type called struct{ name, path string }

// fill reads the table once. The caller holds mu.
func (x *dataIndex) fill(ctx context.Context, table Table[Data]) error {
	if x.known != nil {
		return nil
	}
	all, err := table.All(ctx)
	if err != nil {
		return err
	}
	x.known, x.names, x.paths = map[string]called{}, map[string]string{}, map[string]string{}
	for _, d := range all {
		x.set(d)
	}
	return nil
}

func (x *dataIndex) set(d Data) {
	x.known[d.ID] = called{d.Name, d.Path}
	x.names[d.Name], x.paths[d.Path] = d.ID, d.ID
}

// put writes data down.
func (x *dataIndex) put(ctx context.Context, table Table[Data], d Data) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if err := x.fill(ctx, table); err != nil {
		return err
	}
	if err := table.Put(ctx, d.ID, d); err != nil {
		return err
	}
	x.set(d)
	return nil
}

func (x *dataIndex) remove(ctx context.Context, table Table[Data], id string) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if err := x.fill(ctx, table); err != nil {
		return err
	}
	if err := table.Delete(ctx, id); err != nil {
		return err
	}
	x.forget(id)
	return nil
}

// find is the data that answers to an id or a name, or pdx.ErrNotFound.
func (x *dataIndex) find(ctx context.Context, table Table[Data], idOrName string) (Data, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if err := x.fill(ctx, table); err != nil {
		return Data{}, err
	}
	id := x.names[idOrName]
	if _, ok := x.known[idOrName]; ok {
		id = idOrName
	}
	if id == "" {
		return Data{}, pdx.ErrNotFound
	}
	return x.get(ctx, table, id)
}

// at is the data of a path, or pdx.ErrNotFound.
func (x *dataIndex) at(ctx context.Context, table Table[Data], path string) (Data, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if err := x.fill(ctx, table); err != nil {
		return Data{}, err
	}
	if id := x.paths[path]; id != "" {
		return x.get(ctx, table, id)
	}
	return Data{}, pdx.ErrNotFound
}

// get reads a row. One that is damaged or was set aside is not there: its name and
// path are free again. The caller holds mu.
func (x *dataIndex) get(ctx context.Context, table Table[Data], id string) (Data, error) {
	d, err := table.Get(ctx, id)
	if errors.Is(err, pdx.ErrCorrupt) || errors.Is(err, pdx.ErrNotFound) {
		x.forget(id)
		return Data{}, pdx.ErrNotFound
	}
	return d, err
}

func (x *dataIndex) forget(id string) {
	was := x.known[id]
	delete(x.known, id)
	if x.names[was.name] == id {
		delete(x.names, was.name)
	}
	if x.paths[was.path] == id {
		delete(x.paths, was.path)
	}
}
