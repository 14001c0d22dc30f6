package pdx

// AckedDeal is a deal that a buyer acknowledges, and the hash of the facts that it checked.
type AckedDeal struct {
	Deal  DealID
	Facts [32]byte
}
