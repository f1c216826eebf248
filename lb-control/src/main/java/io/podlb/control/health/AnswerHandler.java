package io.podlb.control.health;

import io.netty.buffer.ByteBuf;
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
import java.nio.charset.StandardCharsets;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers every request by a function; each is one whole message. Runs on the event loop of the health servers. */
@ChannelHandler.Sharable
final class AnswerHandler extends SimpleChannelInboundHandler<FullHttpRequest> {

    private static final Logger log = LoggerFactory.getLogger(AnswerHandler.class);

    private final Function<FullHttpRequest, FullHttpResponse> answer;

    AnswerHandler(Function<FullHttpRequest, FullHttpResponse> answer) {
        this.answer = answer;
    }

    /** A JSON object with the headers of kube-semantics 11.5. */
    static FullHttpResponse json(HttpResponseStatus status, String body) {
        return response(status, "application/json", body);
    }

    /** One line for people. */
    static FullHttpResponse text(HttpResponseStatus status, String line) {
        return response(status, "text/plain; charset=utf-8", line + "\n");
    }

    private static FullHttpResponse response(HttpResponseStatus status, String type, String body) {
        ByteBuf content = Unpooled.copiedBuffer(body, StandardCharsets.UTF_8);
        FullHttpResponse response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, content);
        response.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, type)
                .setInt(HttpHeaderNames.CONTENT_LENGTH, content.readableBytes())
                .set("X-Content-Type-Options", "nosniff");
        return response;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest request) {
        if (request.decoderResult().isFailure()) {
            ctx.writeAndFlush(text(HttpResponseStatus.BAD_REQUEST, "not a request that can be read"))
                    .addListener(ChannelFutureListener.CLOSE);
            return;
        }
        FullHttpResponse response = answer.apply(request);
        if (request.method().equals(HttpMethod.HEAD)) {
            response.content().clear(); // the headers speak of the body that GET would have
        }
        ctx.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        // A client that idles is closed by the timeout itself; one that is gone cannot be told anything.
        if (cause instanceof RuntimeException && !(cause instanceof ReadTimeoutException)) {
            log.error("a health request failed", cause);
        }
        ChannelFuture unused = ctx.close();
    }
}
