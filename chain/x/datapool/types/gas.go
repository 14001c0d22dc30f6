package types

// Fixed gas for computations, in addition to the store's. The scale is that of
// the SDK's signatures: 1000 for a secp256k1 signature of about 0.1 ms, so 10
// for each microsecond. BenchmarkGas of the keeper measures the ratios.
const (
	// ProofGas is charged for verifying one proof: about 0.2 ms.
	ProofGas = 2000
	// VoucherGas is charged for verifying a voucher's signature, as the SDK does.
	VoucherGas = 1000
	// BoxGas is charged for opening a box and recomputing S and M: two
	// multiplications, about as long as a proof.
	BoxGas = 2000
	// SliceBytesPerGas bytes of a slice are hashed and decrypted for one unit;
	// a whole segment of 65,536 bytes takes about 0.2 ms.
	SliceBytesPerGas = 32
)

// SliceGas is charged for verifying a slice of n bytes and decrypting its segment.
func SliceGas(n int) uint64 { return uint64(n+SliceBytesPerGas-1) / SliceBytesPerGas }

// HookGas is what a hook of another module may use. Nobody is charged for it.
const HookGas = 1_000_000
