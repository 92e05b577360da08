using Sift.Media.Legs;
using Sift.Workflows.Activities;
using Sift.Workflows.Engine;

namespace Sift.Activities.Calls;

/// <summary>Hands to the legs what workflows ask of them.</summary>
internal sealed class LegEffectHandler(CallServices services, ILegEvents events) : IEffectHandler
{
    public IReadOnlyList<string> EffectTypes { get; } = [.. LegEffects.Types];

    public bool IsDoneWhenExecuted(string effectType) => true;

    public void Execute(string instanceId, EffectId id, Effect effect, EffectDelivery delivery)
    {
        switch (LegEffects.Read(effect))
        {
            case DialLeg dial when delivery == EffectDelivery.Unknown:
                // It may have rung somewhere; dialling again could ring twice.
                Register(instanceId, dial);
                events.OnLegEvent(new LegEnded(dial.Leg, LegEndCause.Error, null, "server restarted"));
                break;
            case DialLeg dial:
                Dial(instanceId, dial);
                break;
            case { } command:
                services.Legs.Post(command);
                break;
        }
    }

    private void Dial(string instanceId, DialLeg dial)
    {
        Register(instanceId, dial);
        if (services.Calls.Find(dial.Leg.Value) is not { } own)
        {
            services.Legs.Post(dial);
        }
        else if (!own.TryDial(() => services.Legs.Post(dial)))
        {
            events.OnLegEvent(new LegEnded(dial.Leg, LegEndCause.LocalHangUp, null, "hung up before it was dialled"));
        }
    }

    private void Register(string instanceId, DialLeg dial)
    {
        if (dial.Leg.Value != instanceId)
        {
            services.Calls.AddCallee(dial.Leg, instanceId);
        }
    }
}
