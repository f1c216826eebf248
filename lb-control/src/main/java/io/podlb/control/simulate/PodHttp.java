package io.podlb.control.simulate;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;

/** Answers every HTTP request with the name of the Pod, and reads bodies without keeping them. */
final class PodHttp extends SimpleChannelInboundHandler<HttpObject> {

    private final SimulatedPod pod;
    private String target = ""; // event loop, of the request that is read

    PodHttp(SimulatedPod pod) {
        this.pod = pod;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, HttpObject message) {
        if (message.decoderResult().isFailure()) {
            respond(ctx, HttpResponseStatus.BAD_REQUEST).addListener(ChannelFutureListener.CLOSE);
            return;
        }
        if (message instanceof HttpRequest request) {
            target = request.uri().replaceAll("[^!-~]", "?"); // what a header can have
        }
        if (message instanceof LastHttpContent) {
            respond(ctx, HttpResponseStatus.OK).addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
        }
    }

    private ChannelFuture respond(ChannelHandlerContext ctx, HttpResponseStatus status) {
        ByteBuf body = ByteBufUtil.writeUtf8(ctx.alloc(), pod.name() + "\n");
        FullHttpResponse response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, body);
        response.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, "text/plain; charset=utf-8")
                .setInt(HttpHeaderNames.CONTENT_LENGTH, response.content().readableBytes())
                .set("X-Pod-Name", pod.name())
                .set("X-Pod-Namespace", pod.namespace())
                .set("X-Request-Target", target)
                .set("X-Pod-IP", pod.address().getHostAddress());
        return ctx.writeAndFlush(response);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event == ChannelInputShutdownEvent.INSTANCE) {
            // What was asked before the end of the stream is still answered.
            ctx.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ChannelFuture unused = ctx.close();
    }
}
