package client

import "github.com/medibloc/pdx"

// saleGas is the gas that a seller's transactions of one deal ask for: an offer, a
// delivery and a withdrawal (docs/spec/datapool.md, section 12), each with its headroom.
const saleGas = 156_261 + 145_446 + 68_145 + 3*gasHeadroomLeast

// SaleFees estimates what a seller pays in fees for one deal. Many disclosed fields and
// terms make an offer dearer.
func (c *Client) SaleFees() pdx.Amount {
	price := max(c.wallet.cfg.GasPrice, min(c.wallet.asked.Load(), c.wallet.cfg.MaxGasPrice))
	return pdx.Amount(price * saleGas)
}
