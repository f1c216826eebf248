package io.podlb.e2e.bench;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.AttributeKey;
import io.netty.util.concurrent.Ticker;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * Requests at a fixed rate, whatever becomes of those before: each has a moment when it is due, and its latency counts
 * from there. A proxy that stalls is thus charged with every request that fell due meanwhile, not with the one that
 * happened to be on its way (no coordinated omission).
 *
 * <p>Of ten requests eight are small and one is for 64 KiB, on connections that are kept, and one is small on a
 * connection of its own. Arguments: host, port, requests per second, seconds that count (one more comes before
 * and does not). Prints one line of JSON. Everything happens on one event loop.
 */
final class OpenLoopMain {

    private static final AttributeKey<Request> REQUEST = AttributeKey.valueOf("request");

    private final Ticker ticker = Ticker.systemTicker();
    private final EventLoop loop;
    private final Bootstrap bootstrap;
    private final long paceNanos;
    private final long unmeasured;
    private final long total;
    private final Deque<Channel> idle = new ArrayDeque<>();
    private final Histogram latency = new Histogram(TimeUnit.MINUTES.toNanos(1), 3);
    private final Histogram lateness = new Histogram(TimeUnit.MINUTES.toNanos(1), 3);
    private final CompletableFuture<Void> finished = new CompletableFuture<>();
    private long start;
    private long sent;
    private long answered;
    private long failed;

    private OpenLoopMain(EventLoop loop, InetSocketAddress address, int rate, int seconds) {
        this.loop = loop;
        this.paceNanos = TimeUnit.SECONDS.toNanos(1) / rate;
        this.unmeasured = rate;
        this.total = unmeasured + (long) rate * seconds;
        this.bootstrap = new Bootstrap()
                .group(loop)
                .channel(EpollSocketChannel.class)
                .remoteAddress(address)
                .handler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        channel.pipeline()
                                .addLast(new HttpClientCodec(), new HttpObjectAggregator(1 << 20), new Answers());
                    }
                });
    }

    public static void main(String[] arguments) throws Exception {
        MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        InetSocketAddress address = new InetSocketAddress(arguments[0], Integer.parseInt(arguments[1]));
        OpenLoopMain main =
                new OpenLoopMain(group.next(), address, Integer.parseInt(arguments[2]), Integer.parseInt(arguments[3]));
        main.loop.execute(main::begin);
        main.finished.get(60 + Long.parseLong(arguments[3]), TimeUnit.SECONDS);
        System.out.printf(
                "{\"p50\": %.1f, \"p99\": %.1f, \"p999\": %.1f, \"late\": %.1f, \"failed\": %d, \"requests\": %d}%n",
                micros(main.latency, 50),
                micros(main.latency, 99),
                micros(main.latency, 99.9),
                micros(main.lateness, 99),
                main.failed,
                main.total);
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
    }

    private static double micros(Histogram histogram, double percentile) {
        return histogram.getValueAtPercentile(percentile) / 1e3;
    }

    private void begin() {
        start = ticker.nanoTime();
        sendDue();
    }

    private void sendDue() {
        long now = ticker.nanoTime();
        while (sent < total && due(sent) <= now) {
            if (sent >= unmeasured) {
                lateness.recordValue(now - due(sent));
            }
            send(sent++);
        }
        if (sent < total) {
            loop.schedule(this::sendDue, due(sent) - ticker.nanoTime(), TimeUnit.NANOSECONDS);
        }
    }

    private long due(long number) {
        return start + number * paceNanos;
    }

    private void send(long number) {
        Request request = new Request(number, number % 10 == 9 ? "/large" : "/", number % 10 != 4);
        Channel channel = request.kept ? idle.poll() : null;
        if (channel != null) {
            write(channel, request);
            return;
        }
        ChannelFuture connecting = bootstrap.connect();
        connecting.addListener(done -> {
            if (done.isSuccess()) {
                write(connecting.channel(), request);
            } else {
                failed++;
                end();
            }
        });
    }

    private static void write(Channel channel, Request request) {
        channel.attr(REQUEST).set(request);
        DefaultFullHttpRequest message =
                new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, request.path, Unpooled.EMPTY_BUFFER);
        message.headers().set(HttpHeaderNames.HOST, "bench");
        if (!request.kept) {
            message.headers().set(HttpHeaderNames.CONNECTION, "close");
        }
        channel.writeAndFlush(message);
    }

    private void end() {
        answered++;
        if (answered == total) {
            finished.complete(null);
        }
    }

    private record Request(long number, String path, boolean kept) {}

    private final class Answers extends SimpleChannelInboundHandler<FullHttpResponse> {

        @Override
        protected void channelRead0(ChannelHandlerContext context, FullHttpResponse response) {
            Request request = context.channel().attr(REQUEST).getAndSet(null);
            if (response.status().code() != 200) {
                failed++;
            } else if (request.number >= unmeasured) {
                latency.recordValue(ticker.nanoTime() - due(request.number));
            }
            if (request.kept) {
                idle.push(context.channel());
            }
            end();
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            idle.remove(context.channel());
            if (context.channel().attr(REQUEST).getAndSet(null) != null) {
                failed++;
                end();
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close(); // counted when the channel is inactive
        }
    }
}
