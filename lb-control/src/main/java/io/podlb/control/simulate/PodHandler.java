package io.podlb.control.simulate;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpServerExpectContinueHandler;
import io.netty.handler.codec.http.HttpServerKeepAliveHandler;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Looks at the first bytes of a connection to a simulated Pod and makes way for HTTP or for the echo. A client that
 * ends its stream without a byte is none of HTTP.
 */
final class PodHandler extends ByteToMessageDecoder {

    private static final List<byte[]> METHODS =
            List.of("GET ", "HEAD ", "POST ", "PUT ", "DELETE ", "OPTIONS ", "PATCH ", "TRACE ", "CONNECT ").stream()
                    .map(method -> method.getBytes(StandardCharsets.US_ASCII))
                    .toList();

    private final SimulatedPod pod;

    PodHandler(SimulatedPod pod) {
        this.pod = pod;
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        boolean undecided = false;
        for (byte[] method : METHODS) {
            int common = 0;
            while (common < method.length
                    && common < in.readableBytes()
                    && in.getByte(in.readerIndex() + common) == method[common]) {
                common++;
            }
            if (common == method.length) {
                becomeHttp(ctx);
                return;
            }
            undecided |= common == in.readableBytes();
        }
        if (!undecided) {
            becomeEcho(ctx);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
        if (event == ChannelInputShutdownEvent.INSTANCE) {
            becomeEcho(ctx);
            ctx.pipeline().fireUserEventTriggered(event);
        } else {
            super.userEventTriggered(ctx, event);
        }
    }

    private void becomeHttp(ChannelHandlerContext ctx) {
        ctx.pipeline().addLast(http(pod));
        ctx.pipeline().remove(this);
    }

    /** Makes a connection one of HTTP. */
    static ChannelHandler http(SimulatedPod pod) {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                channel.pipeline()
                        .addLast(
                                new HttpServerCodec(),
                                new HttpServerKeepAliveHandler(),
                                new HttpServerExpectContinueHandler(),
                                new PodHttp(pod));
            }
        };
    }

    private void becomeEcho(ChannelHandlerContext ctx) {
        ctx.pipeline().addLast(new PodEcho(pod.name() + "\n"));
        ctx.pipeline().remove(this);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ChannelFuture unused = ctx.close();
    }
}
