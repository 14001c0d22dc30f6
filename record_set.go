package pdx

// RecordSet is what a validator says of a dataset's records: two datasets with the same
// records have the same one in a pool, and only the pool's validators can read it.
type RecordSet struct {
	Tag  [32]byte  // hash of all fingerprints of the records
	Root ContentID // of the sealed fingerprints
	Size uint64    // of them, in bytes; 0: there is no set
}

// IsZero reports whether there is no set.
func (s RecordSet) IsZero() bool { return s == RecordSet{} }

// RefusesDuplicates reports whether the pool takes no data that it bought before.
func (p Pool) RefusesDuplicates() bool { return p.TagCommitment != [32]byte{} }

// RefusesDuplicates reports whether the deal's pool takes no data that it bought before.
func (d Deal) RefusesDuplicates() bool { return d.TagCommitment != [32]byte{} }

// Bought reports whether the pool certified the dataset and did not let go of it: the states
// in which the chain holds a deal's duplicate tag.
func (d Deal) Bought() bool {
	return d.State != DealOffered && d.State != DealLapsed && d.State != DealUnacked
}

// RecordSet returns the record set on which more than half of the k accepts agree, so that
// neither one false set can get later datasets rejected nor one missing set lets them pass;
// zero if there is none.
func (d Deal) RecordSet() RecordSet {
	accepted := d.Accepted()
	for _, c := range accepted {
		n := 0
		for _, other := range accepted {
			if other.Set == c.Set {
				n++
			}
		}
		if 2*n > len(accepted) {
			return c.Set
		}
	}
	return RecordSet{}
}
