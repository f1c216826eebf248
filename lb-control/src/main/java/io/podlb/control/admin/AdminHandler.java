package io.podlb.control.admin;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.timeout.ReadTimeoutException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers the requests of the admin endpoint; each is one whole message. Runs on the admin event loop. */
@ChannelHandler.Sharable
final class AdminHandler extends SimpleChannelInboundHandler<FullHttpRequest> {

    private static final Logger log = LoggerFactory.getLogger(AdminHandler.class);
    private static final String TEXT = "text/plain; charset=utf-8";
    private static final String JSON = "application/json";

    private final AdminSources sources;
    private final AllowedHosts hosts;
    private final MetricsText metrics;
    private final FaultsPage faults;

    AdminHandler(AdminSources sources, AllowedHosts hosts) {
        this.sources = sources;
        this.hosts = hosts;
        this.faults = new FaultsPage(sources.faults());
        this.metrics = new MetricsText(sources.metrics(), sources.version());
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest request) {
        InetSocketAddress local = (InetSocketAddress) ctx.channel().localAddress();
        boolean head = request.method().equals(HttpMethod.HEAD);
        if (request.decoderResult().isFailure()) {
            send(ctx, head, text(HttpResponseStatus.BAD_REQUEST, "not a request that can be read"));
        } else if (!hosts.allows(request.headers().get(HttpHeaderNames.HOST), local.getAddress())) {
            send(ctx, head, text(HttpResponseStatus.FORBIDDEN, "this Host is not served here; see --admin-host"));
        } else if (path(request).equals(FaultsPage.PATH)) {
            send(ctx, head, faults.answer(request));
        } else if (!head && !request.method().equals(HttpMethod.GET)) {
            FullHttpResponse response = text(HttpResponseStatus.METHOD_NOT_ALLOWED, "GET and HEAD only");
            response.headers().set(HttpHeaderNames.ALLOW, "GET, HEAD");
            send(ctx, head, response);
        } else if (path(request).equals("/api/v1/connections")) {
            later(
                    ctx,
                    head,
                    sources.connections().get().thenCombine(sources.flows().get(), ConnectionsJson::of));
        } else {
            send(ctx, head, page(path(request)));
        }
    }

    private FullHttpResponse page(String path) {
        return switch (path) {
            case "/healthz", "/livez" -> text(HttpResponseStatus.OK, "ok");
            case "/readyz" -> ready();
            case "/proxyMode" -> text(HttpResponseStatus.OK, "podlb");
            case "/metrics" -> response(HttpResponseStatus.OK, MetricsText.CONTENT_TYPE, metrics.now());
            case "/api/v1/services" ->
                json(ServicesJson.of(
                        sources.view().get(), new Listeners(sources.listeners().get()), sources.policies()));
            case "/api/v1/drains" -> json(DrainsJson.of(sources.drains().get()));
            default -> text(HttpResponseStatus.NOT_FOUND, "no such page");
        };
    }

    private FullHttpResponse ready() {
        ControlView view = sources.view().get();
        return switch (view.stage()) {
            // Stale is ready all the same: the last state is served on (kube-semantics 1.12).
            case READY -> text(HttpResponseStatus.OK, view.stale() == null ? "ready" : "ready, stale: " + view.stale());
            case STARTING -> text(HttpResponseStatus.SERVICE_UNAVAILABLE, "starting: no table is in force yet");
            case DRAINING -> text(HttpResponseStatus.SERVICE_UNAVAILABLE, "draining: takes no more connections");
        };
    }

    private void later(ChannelHandlerContext ctx, boolean head, CompletionStage<String> body) {
        CompletionStage<String> unused = body.whenCompleteAsync(
                (json, failure) -> send(ctx, head, failure == null ? json(json) : failed(failure)), ctx.executor());
    }

    static FullHttpResponse text(HttpResponseStatus status, String line) {
        return response(status, TEXT, (line + "\n").getBytes(StandardCharsets.UTF_8));
    }

    static FullHttpResponse json(String body) {
        return response(HttpResponseStatus.OK, JSON, (body + "\n").getBytes(StandardCharsets.UTF_8));
    }

    private static FullHttpResponse response(HttpResponseStatus status, String type, byte[] body) {
        FullHttpResponse response =
                new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, Unpooled.wrappedBuffer(body));
        response.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, type)
                .setInt(HttpHeaderNames.CONTENT_LENGTH, body.length)
                .set(HttpHeaderNames.CACHE_CONTROL, "no-store")
                .set("X-Content-Type-Options", "nosniff");
        return response;
    }

    /** Sends it; a connection on which something was refused is closed after that. */
    private static void send(ChannelHandlerContext ctx, boolean head, FullHttpResponse response) {
        int code = response.status().code();
        boolean refused = code >= 400 && code < 500;
        FullHttpResponse sent = head ? response.replace(Unpooled.EMPTY_BUFFER) : response;
        if (head) {
            response.release();
        }
        ctx.writeAndFlush(sent)
                .addListener(refused ? ChannelFutureListener.CLOSE : ChannelFutureListener.CLOSE_ON_FAILURE);
    }

    private static String path(FullHttpRequest request) {
        String uri = request.uri();
        int query = uri.indexOf('?');
        return query < 0 ? uri : uri.substring(0, query);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        // A client that idles is closed by the timeout itself; one that is gone cannot be told anything.
        if (cause instanceof RuntimeException && !(cause instanceof ReadTimeoutException)) {
            send(ctx, false, failed(cause));
            return;
        }
        ChannelFuture unused = ctx.close();
    }

    private static FullHttpResponse failed(Throwable cause) {
        log.error("admin: a request failed", cause);
        return text(HttpResponseStatus.INTERNAL_SERVER_ERROR, "see the log");
    }
}
