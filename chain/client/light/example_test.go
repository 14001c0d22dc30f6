package light_test

import (
	"fmt"

	"cosmossdk.io/log"
	"cosmossdk.io/store/metrics"
	"cosmossdk.io/store/rootmulti"
	"cosmossdk.io/store/types"
	dbm "github.com/cosmos/cosmos-db"

	"github.com/medibloc/pdx/chain/client/light"
)

// A value is believed by its proof against the root that a verified header commits
// to, whoever brought it.
func ExampleVerifyValue() {
	key := types.NewKVStoreKey("datapool")
	chain := rootmulti.NewStore(dbm.NewMemDB(), log.NewNopLogger(), metrics.NewNoOpMetrics())
	chain.MountStoreWithDB(key, types.StoreTypeIAVL, nil)
	if err := chain.LoadLatestVersion(); err != nil {
		fmt.Println(err)
		return
	}
	chain.GetKVStore(key).Set([]byte("deal"), []byte("acked"))
	root := chain.Commit().Hash

	answer, err := chain.Query(&types.RequestQuery{Path: "/datapool/key", Data: []byte("deal"), Height: 1, Prove: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(light.VerifyValue(root, "datapool", []byte("deal"), answer.Value, answer.ProofOps.Ops))
	fmt.Println(light.VerifyValue(root, "datapool", []byte("deal"), []byte("final"), answer.ProofOps.Ops) != nil)
	// Output:
	// <nil>
	// true
}
