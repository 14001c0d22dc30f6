package buyer

import (
	"cmp"
	"maps"
	"slices"
	"sync"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/model"
)

// notes show deals that nothing is done about, because nobody ordered them or the
// key of their pool is lost. They follow from the ledger, and are kept in memory.
type notes struct {
	mu    sync.Mutex
	pulls map[pdx.DealID]model.Pull
	lost  map[pdx.PoolID]pdx.Pool // whose keys are not here
	// paid are the ciphertexts of deals that go on, are paid for, and can be opened here.
	paid map[pdx.DealID]pdx.ContentID
}

func newNotes() *notes {
	return &notes{pulls: map[pdx.DealID]model.Pull{}, lost: map[pdx.PoolID]pdx.Pool{}}
}

// compared takes over the pools whose keys are lost and the ciphertexts that are paid
// for, and forgets deals that ended.
func (n *notes) compared(lost map[pdx.PoolID]pdx.Pool, live map[pdx.DealID]bool, paid map[pdx.DealID]pdx.ContentID) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.lost, n.paid = lost, paid
	maps.DeleteFunc(n.pulls, func(id pdx.DealID, _ model.Pull) bool { return !live[id] })
}

// paidFor are the ciphertexts of deals that are paid for, as last compared.
func (n *notes) paidFor() map[pdx.DealID]pdx.ContentID {
	n.mu.Lock()
	defer n.mu.Unlock()
	return maps.Clone(n.paid)
}

// lostPools are the pools whose keys are lost, by number.
func (n *notes) lostPools() (list []pdx.Pool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, p := range n.lost {
		list = append(list, p)
	}
	slices.SortFunc(list, func(a, b pdx.Pool) int { return cmp.Compare(a.ID, b.ID) })
	return list
}

// unordered notes a deal without an order. chosen says that the owner has ordered something
// of its pool, so that what else is in it is left out on purpose.
func (n *notes) unordered(d pdx.Deal, chosen bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	p := model.Pull{Deal: d.ID, Pool: d.Pool, Seller: d.Seller, Root: d.Dataset.Root, Size: d.Dataset.Size, State: model.PullState(d.State)}
	_, lost := n.lost[d.Pool]
	switch {
	case d.State.Ended() || d.State == pdx.DealOffered || !lost && chosen || len(n.pulls) >= maxNotes:
		delete(n.pulls, d.ID)
		return
	case lost && d.State == pdx.DealCertified:
		p.Reason = "the key of pool " + d.Pool.String() + " is lost: not acknowledged, so nothing is paid; " + lostAdvice
	case lost:
		p.Reason = "the key of pool " + d.Pool.String() + " is lost: paid for, and cannot be opened without it; " + lostAdvice
	default:
		p.Reason = "not ordered: pull it with 'pdx pull " + d.Pool.String() + " --out FOLDER'"
	}
	n.pulls[d.ID] = p
}

// lostAdvice is what can be done about a pool's key that is lost.
const lostAdvice = "restore the backup that has the key with 'pdx restore', or take the rest of the escrow back with 'pdx pool close'"

// ordered forgets a note: the deal goes its way.
func (n *notes) ordered(id pdx.DealID) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.pulls, id)
}

func (n *notes) has(id pdx.DealID) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	_, ok := n.pulls[id]
	return ok
}

// among adds the notes of a pool, or of all with 0, to pulls, which go before.
func (n *notes) among(pulls []model.Pull, pool pdx.PoolID) []model.Pull {
	n.mu.Lock()
	defer n.mu.Unlock()
	known := map[pdx.DealID]bool{}
	for _, p := range pulls {
		known[p.Deal] = true
	}
	for _, p := range n.pulls {
		if !known[p.Deal] && (pool == 0 || p.Pool == pool) {
			pulls = append(pulls, p)
		}
	}
	slices.SortFunc(pulls, func(a, b model.Pull) int { return cmp.Compare(a.Deal, b.Deal) })
	return pulls
}

// LostPools are the pools of this account whose keys are not here, and that are
// open or have deals that go on.
func (s *Service) LostPools() []pdx.Pool { return s.notes.lostPools() }

// LostAdvice is what their owner can do.
const LostAdvice = lostAdvice
