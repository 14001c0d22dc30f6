package apptest

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"cosmossdk.io/log"
	abci "github.com/cometbft/cometbft/abci/types"
	cmttypes "github.com/cometbft/cometbft/types"
	dbm "github.com/cosmos/cosmos-db"
	"github.com/cosmos/cosmos-sdk/baseapp"
	"github.com/cosmos/cosmos-sdk/crypto/keys/secp256k1"
	simtestutil "github.com/cosmos/cosmos-sdk/testutil/sims"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/tx/signing"
	authsigning "github.com/cosmos/cosmos-sdk/x/auth/signing"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/app"
	"github.com/medibloc/pdx/chain/x/datapool/datapooltest"
	"github.com/medibloc/pdx/chain/x/datapool/keeper"
	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// ID is the chain's.
const ID = "panacea-apptest-1"

// Wealth is the initial balance of every account, and the module's, past the module.
const Wealth pdx.Amount = 1_000_000_000_000_000

// Gas is what every transaction may use.
const Gas = 50_000_000

// Chain is the application between two blocks.
type Chain struct {
	*app.App
	T      testing.TB
	Height int64     // of the last block
	Time   time.Time // of the last block
	// Began is how the chain began, First its first block.
	Began *abci.RequestInitChain
	First *abci.RequestFinalizeBlock
	// OnBlock, if set, is called with each block and the hash of the state after it.
	OnBlock func(block *abci.RequestFinalizeBlock, appHash []byte)

	accounts map[pdx.Address]*account
}

// account signs transactions.
type account struct {
	key      secp256k1.PrivKey
	number   uint64
	sequence uint64
}

// New starts a chain over a database, which it closes with the test, with
// accounts of datapooltest by name.
func New(t testing.TB, db dbm.DB, params types.Params, names []string, options ...func(*baseapp.BaseApp)) *Chain {
	t.Helper()
	a, err := app.New(log.NewNopLogger(), db, t.TempDir(), append(options, baseapp.SetChainID(ID))...)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, a.Close()) })
	c := &Chain{
		App: a, T: t, Time: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
		accounts: map[pdx.Address]*account{},
	}
	c.begin(params, names)
	return c
}

func (c *Chain) begin(params types.Params, names []string) {
	c.T.Helper()
	var accounts []authtypes.GenesisAccount
	var balances []banktypes.Balance
	give := func(address sdk.AccAddress) {
		balances = append(balances, banktypes.Balance{Address: address.String(), Coins: sdk.NewCoins(datapooltest.Coin(Wealth))})
	}
	for i, name := range names {
		sum := sha256.Sum256([]byte(name))
		acc := &account{key: secp256k1.PrivKey{Key: sum[:]}, number: uint64(i)}
		address := sdk.AccAddress(acc.key.PubKey().Address())
		require.Equal(c.T, string(datapooltest.Account(name)), address.String())
		c.accounts[datapooltest.Account(name)] = acc
		accounts = append(accounts, authtypes.NewBaseAccount(address, nil, uint64(i), 0))
		give(address)
	}
	give(keeper.ModuleAddress())
	set, err := simtestutil.CreateRandomValidatorSet()
	require.NoError(c.T, err)
	genesis, err := simtestutil.GenesisStateWithValSet(c.Codec, c.DefaultGenesis(), set, accounts, balances...)
	require.NoError(c.T, err)
	pool := types.DefaultGenesis()
	pool.Params = params
	genesis[types.ModuleName] = c.Codec.MustMarshalJSON(pool)
	raw, err := json.Marshal(genesis)
	require.NoError(c.T, err)
	consensus := cmttypes.DefaultConsensusParams().ToProto()
	c.Began = &abci.RequestInitChain{ChainId: ID, Time: c.Time, InitialHeight: 1, AppStateBytes: raw, ConsensusParams: &consensus}
	_, err = c.InitChain(c.Began)
	require.NoError(c.T, err)
	c.Block()
}

// Sign makes a transaction of an account's next sequence, without a memo: messages
// of one size make transactions of one size.
func (c *Chain) Sign(from pdx.Address, msgs ...sdk.Msg) []byte {
	c.T.Helper()
	acc := c.accounts[from]
	require.NotNil(c.T, acc, "no account %s", from)
	tx := c.TxConfig.NewTxBuilder()
	require.NoError(c.T, tx.SetMsgs(msgs...))
	tx.SetFeeAmount(sdk.NewCoins(datapooltest.Coin(5 * Gas)))
	tx.SetGasLimit(Gas)
	require.NoError(c.T, tx.SetSignatures(acc.signature(nil)))
	terms, err := authsigning.GetSignBytesAdapter(context.Background(), c.TxConfig.SignModeHandler(), signing.SignMode_SIGN_MODE_DIRECT,
		authsigning.SignerData{
			Address: string(from), ChainID: ID, AccountNumber: acc.number, Sequence: acc.sequence, PubKey: acc.key.PubKey(),
		}, tx.GetTx())
	require.NoError(c.T, err)
	signed, err := acc.key.Sign(terms)
	require.NoError(c.T, err)
	require.NoError(c.T, tx.SetSignatures(acc.signature(signed)))
	acc.sequence++
	raw, err := c.TxConfig.TxEncoder()(tx.GetTx())
	require.NoError(c.T, err)
	return raw
}

func (a *account) signature(signed []byte) signing.SignatureV2 {
	return signing.SignatureV2{
		PubKey: a.key.PubKey(), Sequence: a.sequence,
		Data: &signing.SingleSignatureData{SignMode: signing.SignMode_SIGN_MODE_DIRECT, Signature: signed},
	}
}

// Block makes the next block, a second later, of these transactions; all must
// succeed.
func (c *Chain) Block(txs ...[]byte) []*abci.ExecTxResult {
	c.T.Helper()
	results := c.Run(txs...)
	for i, r := range results {
		require.Zero(c.T, r.Code, "transaction %d of block %d: %s", i, c.Height, r.Log)
	}
	return results
}

// Run makes the next block, and leaves it to the caller how its transactions fare.
func (c *Chain) Run(txs ...[]byte) []*abci.ExecTxResult {
	c.T.Helper()
	c.Height, c.Time = c.Height+1, c.Time.Add(datapooltest.BlockTime)
	hash := sha256.Sum256(binary.BigEndian.AppendUint64(nil, uint64(c.Height)))
	request := &abci.RequestFinalizeBlock{Height: c.Height, Time: c.Time, Hash: hash[:], Txs: txs}
	block, err := c.FinalizeBlock(request)
	require.NoError(c.T, err)
	_, err = c.Commit()
	require.NoError(c.T, err)
	if c.First == nil {
		c.First = request
	}
	if c.OnBlock != nil {
		c.OnBlock(request, block.AppHash)
	}
	return block.TxResults
}

// Messages makes messages of the exchange as of the last block.
func (c *Chain) Messages() *datapooltest.Chain {
	return datapooltest.New(datapooltest.Config{ChainID: ID, Start: c.Time})
}

// Deal reads a deal.
func (c *Chain) Deal(id uint64) types.Deal {
	c.T.Helper()
	resp, err := keeper.NewQueryServer(c.Datapool).Deal(c.NewContext(true), &types.QueryDealRequest{DealId: id})
	require.NoError(c.T, err)
	return resp.Deal
}

// Answer decodes the response to the first message of a transaction.
func Answer[M any, PM interface {
	*M
	Unmarshal(raw []byte) error
}](t testing.TB, result *abci.ExecTxResult) M {
	t.Helper()
	var data sdk.TxMsgData
	require.NoError(t, data.Unmarshal(result.Data))
	require.NotEmpty(t, data.MsgResponses)
	var m M
	require.NoError(t, PM(&m).Unmarshal(data.MsgResponses[0].Value), fmt.Sprint(data.MsgResponses[0].TypeUrl))
	return m
}
