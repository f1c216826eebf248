package io.podlb.kit;

import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.ReferenceCountUtil;
import io.podlb.control.simulate.SimulatedPod;

/**
 * Says the name of the Pod, ends its stream, and then waits for the end of the client's: a close with unread bytes would
 * be a reset, which can overtake the name.
 */
final class Identify extends ChannelInboundHandlerAdapter {

    private final SimulatedPod pod;

    Identify(SimulatedPod pod) {
        this.pod = pod;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        ctx.writeAndFlush(ByteBufUtil.writeUtf8(ctx.alloc(), pod.name() + "\n")).addListener((ChannelFutureListener)
                written -> {
                    ChannelFuture unused =
                            written.isSuccess() ? ((SocketChannel) ctx.channel()).shutdownOutput() : ctx.close();
                });
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ReferenceCountUtil.release(message);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event == ChannelInputShutdownEvent.INSTANCE) {
            ChannelFuture unused = ctx.close();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ChannelFuture unused = ctx.close();
    }
}
