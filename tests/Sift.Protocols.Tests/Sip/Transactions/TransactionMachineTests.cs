using Sift.Protocols.Sip.Dialogs;
using Sift.Protocols.Sip.Transactions;

namespace Sift.Protocols.Tests.Sip.Transactions;

/// <summary>The tables against the arrows of the RFC figures: each arrow is listed, everything else stays where it is.</summary>
public sealed class TransactionMachineTests
{
    [Fact]
    public void Invite_client_follows_figure_5_and_RFC_6026() => Check(
        InviteClientMachine.Next,
        (InviteClientState.Calling, InviteClientEvent.Provisional, InviteClientState.Proceeding),
        (InviteClientState.Calling, InviteClientEvent.Success, InviteClientState.Accepted),
        (InviteClientState.Calling, InviteClientEvent.Failure, InviteClientState.Completed),
        (InviteClientState.Calling, InviteClientEvent.TimerB, InviteClientState.Terminated),
        (InviteClientState.Calling, InviteClientEvent.TransportError, InviteClientState.Terminated),
        (InviteClientState.Proceeding, InviteClientEvent.Success, InviteClientState.Accepted),
        (InviteClientState.Proceeding, InviteClientEvent.Failure, InviteClientState.Completed),
        (InviteClientState.Proceeding, InviteClientEvent.TransportError, InviteClientState.Terminated),
        (InviteClientState.Completed, InviteClientEvent.TimerD, InviteClientState.Terminated),
        (InviteClientState.Completed, InviteClientEvent.TransportError, InviteClientState.Terminated),
        (InviteClientState.Accepted, InviteClientEvent.TimerM, InviteClientState.Terminated));

    [Fact]
    public void Non_invite_client_follows_figure_6() => Check(
        NonInviteClientMachine.Next,
        (NonInviteClientState.Trying, NonInviteClientEvent.Provisional, NonInviteClientState.Proceeding),
        (NonInviteClientState.Trying, NonInviteClientEvent.Final, NonInviteClientState.Completed),
        (NonInviteClientState.Trying, NonInviteClientEvent.TimerF, NonInviteClientState.Terminated),
        (NonInviteClientState.Trying, NonInviteClientEvent.TransportError, NonInviteClientState.Terminated),
        (NonInviteClientState.Proceeding, NonInviteClientEvent.Final, NonInviteClientState.Completed),
        (NonInviteClientState.Proceeding, NonInviteClientEvent.TimerF, NonInviteClientState.Terminated),
        (NonInviteClientState.Proceeding, NonInviteClientEvent.TransportError, NonInviteClientState.Terminated),
        (NonInviteClientState.Completed, NonInviteClientEvent.TimerK, NonInviteClientState.Terminated));

    [Fact]
    public void Invite_server_follows_figure_7_and_RFC_6026() => Check(
        InviteServerMachine.Next,
        (InviteServerState.Proceeding, InviteServerEvent.SendSuccess, InviteServerState.Accepted),
        (InviteServerState.Proceeding, InviteServerEvent.SendFailure, InviteServerState.Completed),
        (InviteServerState.Completed, InviteServerEvent.Ack, InviteServerState.Confirmed),
        (InviteServerState.Completed, InviteServerEvent.TimerH, InviteServerState.Terminated),
        (InviteServerState.Accepted, InviteServerEvent.TimerL, InviteServerState.Terminated),
        (InviteServerState.Confirmed, InviteServerEvent.TimerI, InviteServerState.Terminated));

    [Fact]
    public void Non_invite_server_follows_figure_8() => Check(
        NonInviteServerMachine.Next,
        (NonInviteServerState.Trying, NonInviteServerEvent.SendProvisional, NonInviteServerState.Proceeding),
        (NonInviteServerState.Trying, NonInviteServerEvent.SendFinal, NonInviteServerState.Completed),
        (NonInviteServerState.Proceeding, NonInviteServerEvent.SendFinal, NonInviteServerState.Completed),
        (NonInviteServerState.Proceeding, NonInviteServerEvent.TransportError, NonInviteServerState.Terminated),
        (NonInviteServerState.Completed, NonInviteServerEvent.TimerJ, NonInviteServerState.Terminated),
        (NonInviteServerState.Completed, NonInviteServerEvent.TransportError, NonInviteServerState.Terminated));

    [Fact]
    public void Nothing_leaves_the_end_of_a_call() =>
        Assert.All(Enum.GetValues<CallEvent>(), e => Assert.Equal(CallState.Ended, CallMachine.Next(CallState.Ended, e)));

    private static void Check<TState, TEvent>(Func<TState, TEvent, TState> next, params (TState From, TEvent On, TState To)[] arrows)
        where TState : struct, Enum
        where TEvent : struct, Enum
    {
        foreach (var state in Enum.GetValues<TState>())
        {
            foreach (var @event in Enum.GetValues<TEvent>())
            {
                var arrow = Array.FindIndex(arrows, a => a.From.Equals(state) && a.On.Equals(@event));
                Assert.Equal(arrow < 0 ? state : arrows[arrow].To, next(state, @event));
            }
        }
    }
}
