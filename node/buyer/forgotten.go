package buyer

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/medibloc/pdx"
)

// Forgotten says that what was remembered of a deal is lost, and that the deal has
// ended. A dataset that lies in the order's folder is not pulled again.
func (s *Service) Forgotten(ctx context.Context, deal pdx.Deal) error {
	order, err := s.orderFor(ctx, deal.Pool, deal.ID)
	if errors.Is(err, pdx.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	folder := filepath.Join(order.Out, "deal-"+deal.ID.String())
	_, err = os.Stat(filepath.Join(folder, "manifest.json"))
	if errors.Is(err, fs.ErrNotExist) || deal.State != pdx.DealFinal {
		return nil
	}
	if err != nil {
		return err
	}
	p := Pull{Deal: deal.ID, Pool: deal.Pool, Seller: deal.Seller, Root: deal.Dataset.Root, Size: deal.Dataset.Size}
	return s.note(ctx, &p, StateFinal, "its record was damaged and was set aside; what was bought is in "+folder)
}
