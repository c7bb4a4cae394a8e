using System.Net;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using SubspaceCircuits.Runs;

namespace SubspaceCircuits.Explorer;

/// <summary>A web server over run folders, on this machine only, behind a random token in the address.</summary>
public static class ExplorerServer
{
    private const string Policy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:";

    /// <summary>Starts the server.</summary>
    /// <param name="runs">Run folders; all must be readable.</param>
    /// <param name="port">Port on 127.0.0.1; 0 takes a free one.</param>
    /// <returns>The running server and its address; the caller stops it.</returns>
    public static async Task<(WebApplication Server, string Address)> Start(IReadOnlyList<RunFolder> runs, int port)
    {
        var token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.WebHost.ConfigureKestrel(server => server.Listen(IPAddress.Loopback, port));
        var app = builder.Build();

        app.Use(async (context, next) =>
        {
            // A page elsewhere may resolve its own name to this machine: only our own names are answered.
            if (context.Request.Host.Host is not ("127.0.0.1" or "localhost"))
            {
                context.Response.StatusCode = StatusCodes.Status403Forbidden;
                return;
            }

            context.Response.Headers.ContentSecurityPolicy = Policy;
            context.Response.Headers.XContentTypeOptions = "nosniff";
            context.Response.Headers["Referrer-Policy"] = "no-referrer";
            await next(context);
        });
        app.MapGet($"/{token}/", () => Results.Content(Index(runs), "text/html; charset=utf-8"));
        app.MapGet($"/{token}/{{index:int}}", (int index) => index >= 0 && index < runs.Count
            ? Results.Content(File.ReadAllText(ReportWriter.Write(runs[index])), "text/html; charset=utf-8") : Results.NotFound());
        await app.StartAsync();
        return (app, $"{app.Urls.First()}/{token}/");
    }

    private static string Index(IReadOnlyList<RunFolder> runs) => $$"""
        <!doctype html><html lang="en"><meta charset="utf-8"><title>Runs</title>
        <style>body{font:16px system-ui;margin:3rem auto;max-width:50rem;color-scheme:light dark}td,th{padding:.3rem 1rem .3rem 0;text-align:left}</style>
        <h1>Runs</h1><table><tr><th>model</th><th>task</th><th>run</th><th>stages done</th></tr>
        {{string.Concat(runs.Select((run, index) => $"<tr><td><a href=\"{index}\">{Escape(run.Manifest.Model.Name)}</a></td><td>{Escape(run.Manifest.Settings.Task)}</td><td>{Escape(run.Root)}</td><td>{run.Manifest.Stages.Count(stage => stage.Status is StageStatus.Done)}</td></tr>"))}}
        </table></html>
        """;

    private static string Escape(string text) => WebUtility.HtmlEncode(text);
}
