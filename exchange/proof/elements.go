package proof

import (
	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/group"
)

// named is an element as it came in, with the name that errors call it by.
type named struct {
	name    string
	element pdx.Element
}

func decodePoints(elements ...named) ([]group.Point, error) {
	points := make([]group.Point, len(elements))
	for i, e := range elements {
		p, err := group.DecodePoint(e.element[:])
		if err != nil {
			return nil, refuse(e.name, err)
		}
		points[i] = p
	}
	return points, nil
}
