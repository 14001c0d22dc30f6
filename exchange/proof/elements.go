package proof

import (
	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/group"
)

// named is an encoded element with its name in errors.
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
