"""The back office: today's dashboard, orders, the order desk, menu, kitchen, people, diary."""
