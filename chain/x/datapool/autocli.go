package datapool

import (
	autocliv1 "cosmossdk.io/api/cosmos/autocli/v1"
)

// AutoCLIOptions describes the commands that the SDK makes of the module's queries and
// messages. Messages with keys, proofs or documents are skipped: nobody can type them, and
// the pdx binary sends them.
func (AppModule) AutoCLIOptions() *autocliv1.ModuleOptions {
	return &autocliv1.ModuleOptions{
		Query: &autocliv1.ServiceCommandDescriptor{
			Service: "panacea.datapool.v3.Query",
			RpcCommandOptions: []*autocliv1.RpcCommandOptions{
				{RpcMethod: "Params", Use: "params", Short: "Show the parameters"},
				{RpcMethod: "Pool", Use: "pool [id]", Short: "Show a pool", PositionalArgs: args("pool_id")},
				{RpcMethod: "Pools", Use: "pools", Short: "List pools, by --status, --buyer, --min-price, --max-price and --media-type"},
				{RpcMethod: "Deal", Use: "deal [id]", Short: "Show a deal with its history", PositionalArgs: args("deal_id")},
				{
					RpcMethod: "Deals", Use: "deals",
					Short: "List deals, by --pool-id, --seller, --buyer, --validator, --state, --due-height and --undrawn",
				},
				{
					RpcMethod: "DealByRoot", Use: "deal-by-root [pool-id] [root]",
					Short: "Show the deal of a ciphertext in a pool", PositionalArgs: args("pool_id", "root"),
				},
				{RpcMethod: "Validator", Use: "validator [address]", Short: "Show a validator", PositionalArgs: args("address")},
				{RpcMethod: "Validators", Use: "validators", Short: "List validators"},
				{RpcMethod: "Balance", Use: "balance [address]", Short: "Show what an account may withdraw", PositionalArgs: args("address")},
				{RpcMethod: "Balances", Use: "balances", Short: "List what accounts may withdraw"},
			},
		},
		Tx: &autocliv1.ServiceCommandDescriptor{
			Service: "panacea.datapool.v3.Msg",
			RpcCommandOptions: []*autocliv1.RpcCommandOptions{
				{
					RpcMethod: "RegisterValidator", Use: "register-validator [bond]",
					Short: "Bond the signer as a validator", PositionalArgs: args("bond"),
				},
				{RpcMethod: "UpdateValidator", Use: "update-validator", Short: "Change where the signer's validator is found"},
				{
					RpcMethod: "ClosePool", Use: "close-pool [id]",
					Short: "Close a pool and take back what it has not reserved", PositionalArgs: args("pool_id"),
				},
				{
					RpcMethod: "Ack", Use: "ack [deal-id]...", Short: "Acknowledge the ciphertext of deals",
					PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "deal_ids", Varargs: true}},
				},
				{
					RpcMethod: "DefaultAck", Use: "default-ack [deal-id]",
					Short: "Acknowledge in the buyer's stead on the validators' promises", PositionalArgs: args("deal_id"),
				},
				{RpcMethod: "Finalize", Use: "finalize [deal-id]", Short: "End the dispute period of a deal", PositionalArgs: args("deal_id")},
				{
					RpcMethod: "Draw", Use: "draw [pool-id]",
					Short: "Draw the validators of deals whose wait for their buyer is over", PositionalArgs: args("pool_id"),
				},
				{RpcMethod: "Expire", Use: "expire [deal-id]", Short: "End a deal whose deadline has passed", PositionalArgs: args("deal_id")},
				{RpcMethod: "Withdraw", Use: "withdraw", Short: "Pay out what the signer may withdraw"},
				{RpcMethod: "AddBond", Use: "add-bond [amount]", Short: "Raise the signer's bond", PositionalArgs: args("amount")},
				{
					RpcMethod: "SetCommission", Use: "set-commission [basis-points]",
					Short: "Change the signer's commission for new deals", PositionalArgs: args("commission_bp"),
				},
				{RpcMethod: "Unbond", Use: "unbond", Short: "End the signer's service as a validator"},
				{RpcMethod: "Unjail", Use: "unjail", Short: "Certify again after the jail time"},
				{RpcMethod: "UpdateParams", Skip: true},
				{RpcMethod: "CreatePool", Skip: true},
				{RpcMethod: "Offer", Skip: true},
				{RpcMethod: "Certify", Skip: true},
				{RpcMethod: "Deliver", Skip: true},
				{RpcMethod: "Complain", Skip: true},
			},
		},
	}
}

func args(fields ...string) []*autocliv1.PositionalArgDescriptor {
	var list []*autocliv1.PositionalArgDescriptor
	for _, field := range fields {
		list = append(list, &autocliv1.PositionalArgDescriptor{ProtoField: field})
	}
	return list
}
