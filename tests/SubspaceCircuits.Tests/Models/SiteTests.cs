using SubspaceCircuits.Models;

namespace SubspaceCircuits.Tests.Models;

public class SiteTests
{
    [Theory]
    [InlineData("gpt2-gelu-new", "x0.pre x0.mid x0.post x1.mid x1.post")]
    [InlineData("attention-only", "x0.pre x0.post x1.post")]
    public void All_are_the_sites_that_a_run_passes_in_order(string name, string expected)
    {
        using var scope = NewDisposeScope();
        using var golden = new GoldenModel(name);
        var sites = Site.All(golden.Config);
        using var hooks = new Hooks(sites.Select(site => site.HookPoint));

        golden.Forward(hooks);

        Assert.Equal(expected, string.Join(' ', sites));
        Assert.Equal(sites.Select(site => site.HookPoint), hooks.Kept);
    }

    [Theory]
    [InlineData("x0.pre", "x0.pre")]
    [InlineData("x3.pre", "x2.post")]
    [InlineData("x11.mid", "x11.mid")]
    [InlineData("blocks.1.hook_resid_mid", "x1.mid")]
    [InlineData("blocks.2.hook_resid_pre", "x1.post")]
    public void Parse_reads_both_kinds_of_names(string name, string expected)
    {
        Assert.Equal(expected, Site.Parse(name).ToString());
        Assert.Equal(Site.Parse(name), Site.Parse(Site.Parse(name).HookPoint.Name));
    }

    [Theory]
    [InlineData("")]
    [InlineData("x0")]
    [InlineData("x.post")]
    [InlineData("x-1.post")]
    [InlineData("x 1.post")]
    [InlineData("x0.late")]
    [InlineData("x99999999999.post")]
    [InlineData("y0.post")]
    [InlineData("blocks.0.attn.hook_q")]
    public void Parse_refuses_what_is_no_site(string name)
    {
        Assert.Contains("x0.pre, x0.mid or x1.post", Assert.Throws<FormatException>(() => Site.Parse(name)).Message, StringComparison.Ordinal);
    }
}
