package io.podlb.control.check;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.concurrent.Future;
import io.podlb.control.translate.Check;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One try of a check, from the connect to its one outcome. Closes its connection in any case.
 *
 * <p>Thread rule: its event loop.
 */
final class Attempt extends SimpleChannelInboundHandler<HttpObject> {

    private final Check check;
    private final EventLoop loop;
    private final Consumer<@Nullable String> outcome;
    private @Nullable Channel channel;
    private @Nullable Future<?> timeout;
    private boolean done;

    /**
     * @param outcome told once: null for success, otherwise what went wrong
     */
    Attempt(Check check, EventLoop loop, Consumer<@Nullable String> outcome) {
        this.check = check;
        this.loop = loop;
        this.outcome = outcome;
    }

    void begin() {
        timeout = loop.schedule(
                () -> finish("no answer within " + check.timeout().toMillis() + " ms"),
                check.timeout().toMillis(),
                TimeUnit.MILLISECONDS);
        ChannelFuture connecting = new Bootstrap()
                .group(loop)
                .channel(NioSocketChannel.class)
                .handler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel made) {
                        if (check.path() != null) {
                            made.pipeline().addLast(new HttpClientCodec(), Attempt.this);
                        }
                    }
                })
                .connect(check.target().toSocketAddress());
        channel = connecting.channel();
        connecting.addListener(connected -> connected(connected.cause()));
    }

    private void connected(@Nullable Throwable failure) {
        if (failure != null) {
            finish(String.valueOf(failure.getMessage()));
        } else if (check.path() == null) {
            finish(null);
        } else if (!done && channel != null) {
            try {
                channel.writeAndFlush(request(check.path())).addListener(written -> {
                    if (!written.isSuccess()) {
                        finish(String.valueOf(written.cause().getMessage()));
                    }
                });
            } catch (IllegalArgumentException e) {
                finish("the request cannot be written: " + e.getMessage()); // a path or header of the manifest
            }
        }
    }

    private FullHttpRequest request(String path) {
        FullHttpRequest request = new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, path);
        request.headers()
                .set(HttpHeaderNames.HOST, check.target().toString())
                .set(HttpHeaderNames.USER_AGENT, "podlb-check")
                .set(HttpHeaderNames.ACCEPT, "*/*")
                .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        check.headers().forEach((name, value) -> request.headers().set(name, value));
        return request;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, HttpObject part) {
        if (part.decoderResult().isFailure()) {
            finish("the answer is not HTTP");
        } else if (part instanceof HttpResponse response) {
            int status = response.status().code();
            finish(status >= 200 && status < 400 ? null : "answered with status " + status);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        finish("closed without an answer");
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        finish(String.valueOf(cause.getMessage()));
    }

    /** Ends it without an outcome. */
    void cancel() {
        done = true;
        close();
    }

    private void finish(@Nullable String failure) {
        if (!done) {
            done = true;
            close();
            outcome.accept(failure);
        }
    }

    private void close() {
        if (timeout != null) {
            timeout.cancel(false);
        }
        if (channel != null) {
            channel.close();
        }
    }
}
